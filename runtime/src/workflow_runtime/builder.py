"""Setting up a service: what it runs, then `run`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from workflow_runtime import plugins
from workflow_runtime._worker.subscription import Subscription, subscribe
from workflow_runtime.alerts.channels import Channel, as_channel
from workflow_runtime.alerts.model import Notice
from workflow_runtime.assembly import assembled
from workflow_runtime.config import WorkflowSettings, settings_with
from workflow_runtime.dependencies import DependencyResolver, resolver_of
from workflow_runtime.diagrams import find, read_all
from workflow_runtime.errors import DiagramError, HandlerError
from workflow_runtime.foreign_words import with_foreign_words
from workflow_runtime.gateway.connect import check_connection
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import Resource
from workflow_runtime.handler_config import TaskHandlerConfig, handler_config
from workflow_runtime.handlers import bind, job_type_of
from workflow_runtime.lifespan import LifespanHook
from workflow_runtime.middleware import Middleware, checked_middlewares
from workflow_runtime.observers import Observer
from workflow_runtime.runs import Runs
from workflow_runtime.service_thread import start_in_thread
from workflow_runtime.serving import serve
from workflow_runtime.sync_workflow import SyncWorkflow
from workflow_runtime.workflow import Workflow

if TYPE_CHECKING:
    from workflow_runtime.publishing.outbox import Outbox

__all__ = ["WorkflowBuilder"]

Handler = TypeVar("Handler", bound=Callable[..., Any])


@with_foreign_words
class WorkflowBuilder:
    """Collects processes and handlers, checks them, and starts the service.

    Mistakes are raised here, when the builder is used: `ConfigurationError` and its kinds; so is
    what a service would never hear of, since it runs already. The methods ``with_…`` and
    ``without_…`` return the builder, so that they can be chained.

    Args:
        service_name: the name in logs, metrics and at the engine.
        address: where the gateway is: ``http://host[:26500]``, ``https://host[:443]`` or
            ``embedded://``, the devkit's engine in memory.
        user: the user of basic credentials.
        password: that user's password.
        settings: everything that can be set; None reads the environment. The arguments before
            this one replace its fields.
        resolver: where handlers' parameters come from that are neither task nor scope.
        observers: who is told what the service does.
        gateway: replaces that of the address (tests pass an embedded one); the service does not
            close it.

    Raises:
        ConfigurationError: a variable of the environment cannot be read.
        AddressError: the address or the credentials cannot be used.
    """

    def __init__(
        self,
        service_name: str | None = None,
        address: str | None = None,
        user: str | None = None,
        password: str | None = None,
        *,
        settings: WorkflowSettings | None = None,
        resolver: DependencyResolver | None = None,
        observers: Iterable[Observer] = (),
        gateway: Gateway | None = None,
    ) -> None:
        secret = SecretStr(password) if isinstance(password, str) else password
        given = {"service_name": service_name, "address": address, "user": user, "password": secret}
        self.settings = settings_with(settings, given)
        # A gateway that is given needs no address.
        if gateway is None:
            check_connection(self.settings)
        self._gateway = gateway
        self._resolver = resolver_of(resolver)
        self._observers = list(observers)
        self._middlewares: tuple[Middleware, ...] = ()
        self._middleware_variables: tuple[str, ...] = ()
        self._lifespan_hooks: list[Callable[[], LifespanHook]] = []
        self._channels: list[Channel] = []
        self.with_alerts(*(url.get_secret_value() for url in self.settings.alert_urls))
        self._resources: dict[str, tuple[Path, Resource]] = {}
        self._subscriptions: dict[str, Subscription] = {}
        self._external: list[str] = []
        self._runs = Runs()

    @classmethod
    def from_settings(cls, settings: WorkflowSettings, **others: Any) -> WorkflowBuilder:
        """Makes a builder whose every setting comes from one object.

        Args:
            settings: all settings of the service.
            **others: the constructor's arguments ``resolver``, ``observers`` and ``gateway``.

        Raises:
            AddressError: the address or the credentials cannot be used.
        """
        return cls(settings=settings, **others)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The declared diagrams, decisions and forms, as they are deployed."""
        return tuple(resource for _, resource in self._resources.values())

    @property
    def diagrams(self) -> tuple[Path, ...]:
        """The files of the declared diagrams."""
        return tuple(path for path, file in self._resources.values() if file.is_diagram)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """What is subscribed: task type, handler, settings."""
        around = self._middlewares, self._middleware_variables
        return tuple(each.within(*around) for each in self._subscriptions.values())

    @property
    def job_types(self) -> tuple[str, ...]:
        """The types that have handlers."""
        return tuple(self._subscriptions)

    @property
    def external(self) -> tuple[str, ...]:
        """Patterns of the task types that other services work on."""
        return tuple(self._external)

    def with_process(self, where: str | Path) -> WorkflowBuilder:
        """Declares processes, which are deployed when the service runs; may be called repeatedly.

        Decisions and forms are deployed beside the diagrams that refer to them.

        Args:
            where: a file; a folder with ``*.bpmn``, ``*.dmn`` or ``*.form``; or a glob.

        Raises:
            DiagramError: files are missing, cannot be read or cannot be run, or two files of one
                name come from different folders.
        """
        self._runs.refuse("with_process")
        for path, resource in read_all(find(where)):
            other = self._resources.get(path.name)
            # The engine sees names without folders (semantics#deployment-versions).
            if other is not None and other[0].resolve() != path.resolve():
                raise DiagramError(
                    f"{path}: {other[0]} has the same file name; the engine tells versions "
                    "apart by it: rename one"
                )
            self._resources[path.name] = (path, resource)
        return self

    def with_handler(
        self, job_type: str, handler: Any, config: TaskHandlerConfig | None = None
    ) -> WorkflowBuilder:
        """Subscribes a handler by task type.

        Args:
            job_type: the task type in the diagram.
            handler: a function, ``async def`` or ``def``, or an object with a method ``handle``.
            config: how its jobs are fetched and what becomes of failures.

        Raises:
            HandlerError: the type is no text or has a handler already, or a parameter of the
                handler cannot be filled.
            ConfigurationError: ``config`` is no `TaskHandlerConfig`.
        """
        self._runs.refuse("with_handler")
        job_type, config = job_type_of(job_type), handler_config(config)
        bound = bind(job_type, handler, config.variables, self._resolver)
        if job_type in self._subscriptions:
            first = self._subscriptions[job_type].handler
            raise HandlerError(
                f"task type {job_type!r} has two handlers, {first.name} and {bound.name}: remove "
                f"one ({first.place}; {bound.place}), or register it once if they are the same"
            )
        checked_middlewares(config.middleware, self._middlewares)
        self._subscriptions[job_type] = subscribe(job_type, bound, config, self.settings)
        return self

    def without_handler(self, job_type: str) -> WorkflowBuilder:
        """Takes a subscription back, so that a test can subscribe a handler of its own.

        Args:
            job_type: the task type; one without a handler is left as it is.
        """
        self._subscriptions.pop(job_type_of(job_type), None)
        return self

    def with_external(self, *job_types: str) -> WorkflowBuilder:
        """Says which task types other services work on.

        Nothing is subscribed: ``workflow check`` then knows that no handler is missing here.

        Args:
            *job_types: task types; ``*`` in them stands for any text.
        """
        self._external += map(job_type_of, job_types)
        return self

    def task(self, job_type: str, **config: Any) -> Callable[[Handler], Handler]:
        """Makes a decorator that subscribes a handler by task type.

        Args:
            job_type: the task type in the diagram.
            **config: the fields of `TaskHandlerConfig`.

        Returns:
            A decorator that gives the handler back unchanged. It raises `HandlerError` where
            `with_handler` would, and `ConfigurationError` for a field that cannot be.
        """
        job_type, checked = job_type_of(job_type), handler_config(**config)

        def register(handler: Handler) -> Handler:
            self.with_handler(job_type, handler, checked)
            return handler

        return register

    def with_middleware(
        self, *middlewares: Middleware, variables: Iterable[str] = ()
    ) -> WorkflowBuilder:
        """Runs functions around every handler, registered before or after this.

        The first is the outermost one; a handler's own (`TaskHandlerConfig`) are inside of these.

        Args:
            *middlewares: each ``async def f(task, call_next)``, which ends with ``return await
                call_next(task)``.
            variables: what they read of the scope, fetched besides what each handler declares.

        Raises:
            ConfigurationError: one is none, would lose the handler's result, or is there twice.
        """
        self._runs.refuse("with_middleware")
        found = checked_middlewares(middlewares, self._middlewares)
        for each in self._subscriptions.values():
            checked_middlewares(each.config.middleware, found)
        self._middleware_variables += handler_config(variables=variables).variables or ()
        self._middlewares += found
        return self

    def with_observer(self, observer: Observer) -> WorkflowBuilder:
        """Lets somebody watch: metrics, alerts, traces of the service's own.

        Args:
            observer: is told what the service does, on its event loop.
        """
        self._runs.refuse("with_observer")
        self._observers.append(observer)
        return self

    def with_alerts(self, *channels: Channel | Callable[[Notice], Any] | str) -> WorkflowBuilder:
        """Adds channels that are told of incidents, besides the log and ``alert_urls``.

        Args:
            *channels: each a URL of Apprise, a function that takes a `Notice`, or a `Channel`.

        Raises:
            ConfigurationError: a URL that Apprise does not understand, or whose password would go
                in plain text to another machine; or no Apprise.
        """
        allowed = self.settings.allow_plaintext_credentials
        self._channels += (as_channel(each, allow_plaintext=allowed) for each in channels)
        return self

    def with_outbox(self, outbox: Outbox, **options: Any) -> WorkflowBuilder:
        """Sends the events of an outbox while the service runs.

        Args:
            outbox: where the service writes its events; takes the ``event_ttl`` of the settings.
            **options: the keyword arguments of `Relay`, such as ``attempts`` or ``strict``.

        Raises:
            ConfigurationError: what is given is no `Outbox`.
        """
        self._runs.refuse("with_outbox")
        # SQLAlchemy: 0.2 s of CPU, and an extra that a service without an outbox does not install.
        from workflow_runtime.publishing.outbox.relay import relays  # noqa: PLC0415

        self._lifespan_hooks.append(relays(outbox, self.settings.event_ttl, options))
        return self

    def with_lifespan_hook(self, hook: LifespanHook) -> WorkflowBuilder:
        """Starts something before the handlers of each run, for them to use, and stops it after.

        Args:
            hook: started after the runtime's own, in the order given; stopped in the reverse one.
        """
        self._runs.refuse("with_lifespan_hook")
        self._lifespan_hooks.append(lambda: hook)
        return self

    def with_gateway(self, gateway: Gateway) -> WorkflowBuilder:
        """Takes this gateway instead of the address.

        Args:
            gateway: stays open when the service stops.
        """
        self._gateway = gateway
        return self

    async def run(self) -> Workflow:
        """Starts in the background and returns at once, whether the engine is there or not.

        Returns:
            The running service; whoever calls this stops it (`Workflow.stop`).

        Raises:
            ConfigurationError: the address is missing or an extra is not installed; names it.
            WrongPlace: this process is a fork of one that has connected to a gateway.
            Exception: what a lifespan hook raised as it started; everything else is stopped.
        """
        # Tests bring a gateway of their own: they start a service hundreds of times.
        checked = self._resources and self._gateway is None
        checks = plugins.load_all(plugins.START_CHECKS) if checked else ()
        workflow = assembled(
            self.settings,
            self._gateway,
            self.resources,
            self.subscriptions,
            resolver=self._resolver,
            observers=self._observers,
            channels=self._channels,
            hooks=[*(check(self) for check in checks), *(make() for make in self._lifespan_hooks)],
        )
        self._runs.note(workflow)
        try:
            await workflow.start_lifespan_hooks()
        except BaseException as error:
            # Whoever cancels the start wants an orderly end of what the hooks have begun.
            await workflow.stop(None if isinstance(error, asyncio.CancelledError) else 0)
            raise
        return workflow

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Workflow]:
        """Runs the service as long as the ``async with`` block; drains on exit.

        Yields:
            The running service.

        Raises:
            ConfigurationError: the address is missing or an extra is not installed; names it.
        """
        workflow = await self.run()
        try:
            yield workflow
        finally:
            await workflow.stop()

    def start_in_thread(self) -> SyncWorkflow:
        """Runs the service on an event loop of its own, in a thread beside a synchronous program.

        For Flask, Django and scripts. Signals and logs stay the program's. At the end of the
        interpreter the service drains by itself; a signal that ends the process at once, as
        SIGTERM does unless the program hears it, leaves no time for that. A fork of the process
        has no service: start it in each process, after the fork.

        Returns:
            The running service; its methods block. ``stop`` drains it and ends the thread.

        Raises:
            ConfigurationError: the service of this builder runs already in this process, the
                address is missing, or an extra is not installed.
            WrongPlace: this process is a fork of one that has connected to a gateway.
            Exception: what a lifespan hook raised as it started; everything else is stopped.
        """
        return start_in_thread(self)

    def serve(self) -> None:
        """Runs until SIGTERM, SIGINT or SIGHUP, drains, and ends the process.

        A signal before this call ends the process as it always does; `workflow_runtime.serve`
        hears it from its own beginning, while the builder is made.

        Takes over the logs: loguru's, and those of the standard library's logging, in the format
        of the settings.

        Raises:
            WrongPlace: this is not the main thread, where signals are heard, or an event loop
                runs here: take `start_in_thread`, or `running`.
            SystemExit: always. Code 0: drained, or that of the SystemExit that was raised. 1:
                something did not end: handlers after the grace period, a blocked event loop,
                threads of the service itself. 2: it cannot start with these settings. 130 or 143:
                a second signal.
        """
        serve(lambda: self)
