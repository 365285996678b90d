"""What goes through the gateway port: files, instances, jobs, and what is asked for.

Keys are integers, scopes are JSON objects, durations are ``timedelta``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

__all__ = [
    "ActivatedJob",
    "BrokerInfo",
    "DeployedProcess",
    "InstanceResult",
    "JobRequest",
    "ProcessInstance",
    "Resource",
    "Scope",
    "StreamRequest",
    "Topology",
]

Scope = Mapping[str, Any]
"""Variables of a process instance: a JSON object."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file to deploy: its ``name`` without folders, and its ``content``.

    Zeebe compares both with the latest version (semantics#deployment-versions).
    """

    name: str
    content: bytes

    @property
    def is_diagram(self) -> bool:
        """Whether it may have processes: decisions (``.dmn``) and forms (``.form``) have none."""
        return not self.name.endswith((".dmn", ".form"))


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """A process definition that the engine knows after a deployment.

    ``definition_key`` is the engine's number of this ``version`` of ``process_id``, and
    ``resource_name`` the file that it came in.
    """

    process_id: str
    version: int
    definition_key: int
    resource_name: str


@dataclass(frozen=True, slots=True)
class ProcessInstance:
    """A process instance that has been started.

    Attributes:
        key: the engine's number of the instance.
        process_id: the BPMN id of its process.
        version: the version of the process that it runs, and stays with.
        definition_key: the engine's number of that version.
    """

    key: int
    process_id: str
    version: int
    definition_key: int


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """An ``instance`` that has completed, with the ``scope`` that it ended with."""

    instance: ProcessInstance
    scope: Scope = field(repr=False)


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One ActivateJobs call.

    Attributes:
        job_type: the task type in the diagram.
        worker: a name for people; the engine shows it beside the jobs.
        job_timeout: how long the jobs belong to this worker.
        max_jobs: how many jobs may come.
        fetch: the variables to bring along; empty brings all.
        long_poll: how long the engine may hold the call while there is no job; zero or less
            answers at once (semantics#job-long-poll).
    """

    job_type: str
    worker: str
    job_timeout: timedelta
    max_jobs: int
    fetch: Sequence[str] = ()
    long_poll: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One StreamActivatedJobs call: jobs that become available from now on (semantics#job-stream).

    ``job_type`` is the task type, ``worker`` a name for people, ``job_timeout`` how long a job
    belongs to this worker, ``fetch`` the variables to bring along; empty brings all.
    """

    job_type: str
    worker: str
    job_timeout: timedelta
    fetch: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """A job that this worker holds until its deadline.

    Attributes:
        key: the engine's number of the job.
        job_type: the task type.
        instance_key: the process instance that it belongs to.
        process_id: the BPMN id of the process.
        definition_key: the engine's number of the process's version.
        definition_version: that version.
        element_id: the task's id in the diagram.
        element_instance_key: this passage of the task; its local variables hang on it.
        headers: the task headers of the diagram.
        worker: the name under which it was fetched.
        retries: what is left, this attempt included.
        deadline: when it goes to others (semantics#job-timeout), Unix time in milliseconds.
        variables: what the task sees, or those of it that were asked for.
        carried: what the runtime itself has put among these variables. The worker takes it out of
            ``variables`` as the job comes in, so that nobody else meets it there; None is nothing.
    """

    key: int
    job_type: str
    instance_key: int
    process_id: str
    definition_key: int
    definition_version: int
    element_id: str
    element_instance_key: int
    headers: Mapping[str, str]
    worker: str
    retries: int
    deadline: int
    # Not shown: a job may be named in a log.
    variables: Scope = field(repr=False)
    carried: Scope | None = field(default=None, repr=False)

    @property
    def idempotency_key(self) -> str:
        """A text that stays the same on every attempt of this job, and is no other job's."""
        # A job keeps its key over all attempts (semantics#job-failed).
        return f"{self.process_id}-{self.instance_key}-{self.key}"


@dataclass(frozen=True, slots=True)
class BrokerInfo:
    """One node of the cluster, at an ``address`` and of a ``version`` of Zeebe.

    ``partitions`` maps a partition's id to its role and health: ``leader healthy``.
    """

    address: str
    version: str
    partitions: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topology:
    """What a gateway of ``gateway_version`` says of its cluster.

    It counts nodes (``cluster_size``), ``partitions`` and their copies (``replication_factor``);
    ``brokers`` are the nodes that it can see.
    """

    gateway_version: str
    cluster_size: int
    partitions: int
    replication_factor: int
    brokers: Sequence[BrokerInfo] = ()
