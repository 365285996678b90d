"""The engine: commands in, records out. Synchronous; one thread at a time.

Each command runs to its end before it returns: whatever it causes has happened by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from workflow_devkit.engine.catch_events import CatchEvents
from workflow_devkit.engine.clock import ControlledClock, EngineClock, SystemClock
from workflow_devkit.engine.deployments import Deployments
from workflow_devkit.engine.element_context import ElementContext
from workflow_devkit.engine.elements import behaviours
from workflow_devkit.engine.endless_loops import MOST_TIMERS, StepCounter
from workflow_devkit.engine.error_events import EVENTS, find_catcher, uncaught
from workflow_devkit.engine.executable import Process
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.incidents import Incidents
from workflow_devkit.engine.jobs import Jobs
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.linked_files import LinkedFile
from workflow_devkit.engine.messages import Messages
from workflow_devkit.engine.process_instances import ProcessInstances
from workflow_devkit.engine.records import RecordLog
from workflow_devkit.engine.refusals import no_error_from, not_found, wrong_state
from workflow_devkit.engine.signal_subscriptions import Signals
from workflow_devkit.engine.state import Instance, State, Token, Trigger
from workflow_devkit.engine.store import PARTITION, Store
from workflow_devkit.engine.subscriptions import Subscriptions
from workflow_devkit.engine.timers import Timers
from workflow_devkit.engine.variable_scopes import deep_copy, merge, set_local
from workflow_runtime.bpmn.model import EventKind
from workflow_runtime.gateway.errors import GatewayInternal, Unavailable
from workflow_runtime.gateway.values import ActivatedJob, DeployedProcess, ProcessInstance, Resource

__all__ = ["Engine"]

OnResult = Callable[[Mapping[str, Any] | None], None]
# Below them is the counter of a key (semantics#grpc-partitions).
_PARTITION_BITS = 51


class Engine:
    """Zeebe's semantics in process.

    Args:
        clock: real time unless told otherwise; a `ControlledClock` is moved by `advance`.
        keep_records: how many records to keep; None keeps all.
    """

    def __init__(
        self, clock: EngineClock | None = None, *, keep_records: int | None = 10_000
    ) -> None:
        self.clock: EngineClock = clock or SystemClock()
        self.records = RecordLog(keep_records)
        # From what knows nobody to what knows them all; the two circles are closed by `bind`.
        self._store = Store(self.clock, self.records)
        self.jobs = Jobs(self._store)
        self.incidents = Incidents(self._store, self.jobs)
        self._timers = Timers(self._store)
        self._messages = Messages(self._store)
        subscriptions = Subscriptions(
            self._store, self._timers, self._messages, Signals(self._store)
        )
        self._life = Lifecycle(self._store, self.jobs, self.incidents, subscriptions)
        self._process_instances = ProcessInstances(self._store, self._life, subscriptions)
        self._catch_events = CatchEvents(self._life, subscriptions)
        self._context = ElementContext(
            self._store, self.jobs, self._catch_events, self._process_instances
        )
        self._messages.bind(self._catch_events.deliver, self._process_instances.by_message)
        self._life.bind(behaviours(self._context))
        self._deployments = Deployments(self._store, self._process_instances.arm)

    # definitions

    def deploy(self, resources: Sequence[Resource]) -> list[DeployedProcess]:
        """Deploys all resources or none; raises `InvalidArgument`."""
        deployed = self._deployments.deploy(resources)
        self._settle()
        return deployed

    def linked(self, names: Iterable[str]) -> list[LinkedFile]:
        """What decisions and forms the latest files of these names have."""
        return self._deployments.linked.named(names)

    def definitions(self) -> Sequence[Process]:
        """Every version of every process."""
        return tuple(self._store.definitions.values())

    # instances

    def create_instance(
        self,
        process_id: str,
        scope: Mapping[str, Any],
        *,
        version: int = -1,
        on_result: OnResult | None = None,
    ) -> ProcessInstance:
        """Starts an instance; ``on_result`` gets its final scope, None if it is cancelled.

        See semantics#instance-created and semantics#instance-result.
        """
        process = self.version(process_id, version, _creation(on_result))
        return self._create(process, scope, on_result)

    def definition(self, key: int) -> Process:
        """One version of one process.

        Raises:
            NotFound: nothing is deployed with this key.
        """
        process = self._store.definitions.get(key)
        if process is None:
            raise not_found(
                "CREATE", f"Expected to find process definition with key '{key}', but none found"
            )
        return process

    def version(self, process_id: str, version: int, command: str = "CREATE") -> Process:
        """One version of a process, -1 is the latest; ``command`` asks for it.

        Raises:
            NotFound: it is not deployed.
        """
        versions = self._store.versions.get(process_id, {})
        found = self._store.latest(process_id) if version < 0 else versions.get(version)
        if found is None:
            suffix = "" if version < 0 else f" and version '{version}'"
            raise not_found(
                command,
                f"Expected to find process definition with process ID '{process_id}'{suffix}, "
                "but none found",
            )
        return found

    def cancel_instance(self, key: int) -> None:
        """Ends a root instance (semantics#instance-cancelled)."""
        _check_partition(key)
        instance = self._store.instances.get(key)
        if instance is None:
            raise not_found(
                "CANCEL",
                f"Expected to cancel a process instance with key '{key}', "
                "but no such process was found",
            )
        if instance.caller is not None:
            parent = instance.caller.instance.key
            raise wrong_state(
                "CANCEL",
                f"Expected to cancel a process instance with key '{key}', but it is created by a "
                "parent process instance. Cancel the root process instance "
                f"'{parent}' instead.",
            )
        self._life.terminate(instance)
        self._settle()

    def set_variables(self, key: int, scope: Mapping[str, Any], *, local: bool = False) -> None:
        """Sets variables of an element instance (semantics#variables-set)."""
        _check_partition(key)
        token = self._store.tokens.get(key)
        # What is being terminated is still there, but for the broker not any more.
        if token is None or token.state is State.TERMINATING:
            raise not_found(
                "UPDATE",
                f"Expected to update variables for element with key '{key}', "
                "but no such element was found",
            )
        values = deep_copy(scope)
        (set_local if local else merge)(self._store, token, values)
        self._store.write(
            "VARIABLE_DOCUMENT", "UPDATED", self._store.next_key(),
            {"scopeKey": key, "variables": values},
        )  # fmt: skip
        self._settle()

    def resolve_incident(self, key: int) -> None:
        """Lets the element of an incident try again (semantics#incident-resolved)."""
        _check_partition(key)
        self.incidents.resolve(key)
        self._settle()

    # jobs

    def activate_jobs(
        self,
        job_type: str,
        worker: str,
        timeout: int,
        limit: int,
        fetch: Sequence[str] = (),
    ) -> list[ActivatedJob]:
        """Hands out jobs; ``timeout`` in milliseconds (semantics#job-activated)."""
        # Real time has gone on since the last command: jobs may have come back.
        self.run_due()
        jobs = self.jobs.activate(job_type, worker, timeout, limit, tuple(fetch))
        self._settle()
        return jobs

    def complete_job(self, key: int, scope: Mapping[str, Any]) -> None:
        """Completes a job (semantics#job-completed)."""
        _check_partition(key)
        job = self.jobs.find(key, "COMPLETE", "complete job")
        values = deep_copy(scope)
        self.jobs.complete(job, values)
        # Before the element completes: what ends it would cancel the job.
        job.token.job = None
        self._life.complete(job.token, Trigger(job.token.node, values))
        self._settle()

    def fail_job(
        self,
        key: int,
        retries: int,
        message: str,
        backoff: int = 0,
        scope: Mapping[str, Any] | None = None,
    ) -> None:
        """Fails a job; ``backoff`` in milliseconds (semantics#job-failed).

        The variables stay with the task (semantics#job-fail-variables).
        """
        _check_partition(key)
        job = self.jobs.find(key, "FAIL", "fail job")
        self.jobs.fail(job, retries, message, backoff)
        if scope:
            set_local(self._store, job.token, deep_copy(scope))
        if retries <= 0:
            # The broker's words where the worker had none (semantics#job-no-retries).
            text = job.message or "No more retries left."
            self.incidents.create_for_job(job, Failure("JOB_NO_RETRIES", text))
        self._settle()

    def throw_error(
        self, key: int, code: str, message: str, scope: Mapping[str, Any] | None = None
    ) -> None:
        """Throws a BPMN error from a job (semantics#error-thrown)."""
        _check_partition(key)
        job = self.jobs.find(key, "THROW_ERROR", "throw an error for job")
        # The broker breaks over it, so the job stays as it was.
        if job.token.node.kind in EVENTS:
            raise GatewayInternal(no_error_from(job.token.node))
        values = deep_copy(scope or {})
        catcher = find_catcher(job.token, EventKind.ERROR, code)
        self.jobs.throw(job, code, message, values, caught=catcher is not None)
        if catcher is None:
            text = uncaught(job.token, code, message)
            self.incidents.create_for_job(job, Failure("UNHANDLED_ERROR_EVENT", text))
        else:
            # The job is gone before its element is: else ending the element would cancel it.
            self.jobs.forget(job)
            self._catch_events.happen(catcher.token, catcher.node, values)
        self._settle()

    def update_job_retries(self, key: int, retries: int) -> None:
        """Sets the retries left (semantics#job-retries-updated)."""
        _check_partition(key)
        self.jobs.update_retries(key, retries)

    def update_job_timeout(self, key: int, timeout: int) -> None:
        """Gives a job ``timeout`` milliseconds from now on (semantics#job-timeout-moved)."""
        _check_partition(key)
        self.jobs.update_timeout(key, timeout)
        # A timeout of nothing is over at once.
        self.jobs.run_due()

    # events

    def publish_message(
        self,
        name: str,
        correlation_key: str,
        scope: Mapping[str, Any],
        *,
        time_to_live: int,
        message_id: str = "",
    ) -> int:
        """Publishes a message; ``time_to_live`` in milliseconds; returns its key.

        See semantics#message-correlates-once.
        """
        # First what is over by now: it takes no message, and its id is free again.
        self.run_due()
        key = self._messages.publish(
            name, correlation_key, time_to_live, message_id, deep_copy(scope)
        )
        self._settle()
        return key

    def broadcast_signal(self, name: str, scope: Mapping[str, Any]) -> int:
        """Broadcasts a signal; returns its key (semantics#signal-broadcast)."""
        key = self._context.broadcast(name, deep_copy(scope))
        self._settle()
        return key

    # time

    def run_due(self) -> None:
        """Fires everything whose time has come, in the order of time (semantics#time-in-order)."""
        steps = StepCounter(MOST_TIMERS, "had timers due")
        while (timer := self._timers.take_due()) is not None:
            steps.note(timer.token, timer.node)
            if timer.token is None:
                self._process_instances.by_timer(timer)
            else:
                self._catch_events.fire_timer(timer)
            # Between two timers: the second may be closed by what the first begins.
            self._store.drain()
        self.jobs.run_due()
        self._messages.run_due()
        self._store.drain()

    def next_due(self) -> int | None:
        """When something is due next (Unix time in milliseconds), None if never."""
        dues = (self._timers.next_due(), self.jobs.next_due(), self._messages.next_due())
        return min((due for due in dues if due is not None), default=None)

    def advance(self, duration: timedelta) -> None:
        """Moves a controlled clock, stopping at each moment at which something is due.

        Raises:
            TypeError: the engine follows real time.
        """
        clock = self.clock
        if not isinstance(clock, ControlledClock):
            raise TypeError("only an engine with a ControlledClock can be moved")
        end = clock.now_ms() + round(duration.total_seconds() * 1000)
        # Moment by moment: what fires may arm what is due before the end.
        while (due := self.next_due()) is not None and due <= end:
            clock.move_to(max(due, clock.now_ms()))
            self.run_due()
        clock.move_to(end)
        self.run_due()

    # reading

    def new_key(self) -> int:
        """A key for the answer of a command that has none of its own."""
        return self._store.next_key()

    def instance(self, key: int) -> Instance | None:
        """A running instance."""
        return self._store.instances.get(key)

    def tokens(self, instance_key: int) -> list[Token]:
        """The element instances that run in a process instance."""
        return [t for t in self._store.tokens.values() if t.instance.key == instance_key]

    # inside

    def _settle(self) -> None:
        """Does what follows from a command, and what is due at once."""
        self._store.drain()
        # Timers without length are due in the command that has armed them. Jobs are not asked:
        # `update_job_timeout`, which can make one due at once, does so itself.
        due = self._timers.next_due()
        if due is not None and due <= self._store.now():
            self.run_due()

    def _create(
        self, process: Process, scope: Mapping[str, Any], on_result: OnResult | None
    ) -> ProcessInstance:
        if process.root.none_start is None:
            raise wrong_state(
                _creation(on_result),
                "Expected to create instance of process with none start event, "
                "but there is no such event",
            )
        instance = self._process_instances.begin(process, deep_copy(scope))
        instance.result = on_result
        value = {
            "bpmnProcessId": process.process_id,
            "version": process.version,
            "processDefinitionKey": process.key,
            "processInstanceKey": instance.key,
        }
        key = self._store.next_key()
        self._store.write("PROCESS_INSTANCE_CREATION", "CREATED", key, value)
        self._settle()
        return ProcessInstance(instance.key, process.process_id, process.version, process.key)


def _check_partition(key: int) -> None:
    """A key names its partition (semantics#grpc-partitions)."""
    partition = key >> _PARTITION_BITS
    if partition != PARTITION:
        raise Unavailable(
            f"Expected to execute command on partition {partition}, but either it does not exist, "
            "or the gateway is not yet aware of it"
        )


def _creation(on_result: OnResult | None) -> str:
    """The command's name in rejections."""
    return "CREATE" if on_result is None else "CREATE_WITH_AWAITING_RESULT"
