"""Putting one run of a service together, of what its builder has collected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workflow_runtime._worker.job_slots import TotalSlots
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime._worker.uncaught import uncaught_by
from workflow_runtime._worker.worker import Worker
from workflow_runtime._worker.worker_context import WorkerContext
from workflow_runtime.alerts.channels import Channel, named
from workflow_runtime.alerts.dispatcher import alerts_of, watchers_of
from workflow_runtime.config import WorkflowSettings
from workflow_runtime.dependencies import DependencyResolver
from workflow_runtime.deployment import Deployment
from workflow_runtime.diagrams import process_ids
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.introduction import introduce
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import Resource
from workflow_runtime.lifespan import LifespanHook
from workflow_runtime.observers import Observer, Observers
from workflow_runtime.telemetry import telemetry_of
from workflow_runtime.telemetry.arrival import Arrival
from workflow_runtime.workflow import Workflow

__all__ = ["assembled"]


def assembled(
    settings: WorkflowSettings,
    given: Gateway | None,
    resources: Sequence[Resource],
    subscriptions: Sequence[Subscription],
    *,
    resolver: DependencyResolver | None,
    observers: Iterable[Observer],
    channels: Sequence[Channel],
    hooks: Iterable[LifespanHook],
) -> Workflow:
    """Makes a service, which runs from then on; its lifespan hooks are still to be started.

    Args:
        settings: of the service.
        given: the gateway; None makes that of the settings, which is closed with the service.
        resources: the diagrams.
        subscriptions: what is fetched, and who handles it.
        resolver: where handlers' parameters come from that are neither task nor scope.
        observers: who is told what the service does, besides telemetry and alerts.
        channels: where alerts go.
        hooks: what starts and stops with the service, besides telemetry and alerts.
    """
    gateway = given or connect(settings)
    where = introduce(settings, given)
    alerts = alerts_of(settings, channels, gateway)
    telemetry = telemetry_of(
        settings,
        job_types=[each.job_type for each in subscriptions],
        channels=named(channels),
    )
    # A gateway that is given is a test's, and an engine in this process nobody else's.
    apart = given is not None or gateway.in_process
    deployment = Deployment(gateway, resources, apart=apart)
    context = WorkerContext(
        name=settings.service_name,
        gateway=gateway,
        total=TotalSlots(settings.max_running_total),
        observers=Observers([*observers, *telemetry.observers, alerts]),
        resolver=resolver,
        on_return=deployment.check,
        uncaught=uncaught_by(resources),
        exception_texts=settings.log_exception_texts,
    )
    return Workflow(
        context,
        settings,
        Worker(context, subscriptions),
        deployment,
        owns_gateway=given is None,
        # They stop in the reverse order: the user's first, alerts and health last.
        lifespan_hooks=(
            *([Arrival(where)] if where else ()),
            *telemetry.lifespan_hooks,
            alerts,
            *watchers_of(settings, alerts, process_ids(resources)),
            *hooks,
        ),
        tracing=telemetry.tracing,
    )
