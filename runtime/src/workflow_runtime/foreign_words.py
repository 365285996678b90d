"""Words of pyzeebe, of other clients and of plain slips, where ours are expected: a sentence each.

People who bring a service along type what they know. Python's own error names their word; ours is
here, by class and by method. A word is written here as Python writes it: `maxJobsActive` is found
as `max_jobs_active`.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from workflow_runtime.closest import did_you_mean
from workflow_runtime.errors import ConfigurationError

__all__ = ["refuse_unknown", "with_foreign_words"]

Class = TypeVar("Class", bound=type)

_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_RETRIED: Final = (
    "leave it out: exceptions follow the retry policy, and BpmnError, Retry and WorkflowIncident "
    "say more; a middleware may translate your own"
)
_JOB_TIMEOUT: Final = "write job_timeout=timedelta(milliseconds=...)"
_MAX_RUNNING: Final = "write max_running=...: so many run at once, and as many as fit are fetched"
_FETCHED: Final = (
    "take the variables as parameters, or a model of them: only these are fetched; variables=[...] "
    "names what a handler reads of its task besides"
)
_TASK_TYPE: Final = 'the task type is the first argument, without a name: "order_pay"'
_NO_TENANT: Final = "leave it out: a service works for the default tenant"
_AROUND_ONE: Final = "write middleware=[f], with async def f(task, call_next) around the handler"
_AROUND_ALL: Final = (
    "use with_middleware(f), with async def f(task, call_next) around every handler"
)
_RECONNECTS: Final = "leave it out: the service reconnects for as long as it runs"
_REFILLS: Final = "leave it out: jobs are fetched as soon as there is room for them"
_ADDRESS: Final = 'write the address as a text, such as address="http://zeebe:26500"'
_SECURE: Final = (
    'the address says it: "https://zeebe:443" is encrypted, "http://zeebe:26500" is not'
)
_IN_SETTINGS: Final = "it is one of WorkflowSettings(...), which the builder takes as settings=..."
_OF_ONE: Final = "it is one handler's: @builder.task(type, ...=...), or TaskHandlerConfig(...=...)"
_ENDS: Final = (
    "a handler returns its variables, or raises: BpmnError(code), Retry(delay), "
    "task.make_incident(text)"
)
_REGISTER: Final = 'use @builder.task("type"), or with_handler("type", handler)'
_RUNNING: Final = "use the running service, which run() and running() give: await workflow."


def _words(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {word: text for words, text in texts.items() for word in words.split() or [""]}


_CONFIG: Final = _words({
    "timeout_ms timeout job_timeout_ms lock_duration visibility_timeout": _JOB_TIMEOUT,
    "max_jobs_to_activate max_running_jobs max_jobs_active": _MAX_RUNNING,
    "concurrency max_concurrency max_concurrent max_tasks prefetch": _MAX_RUNNING,
    "variables_to_fetch fetch_variables fetch_variable": _FETCHED,
    "single_value variable_name": 'return {"name": value} from the handler',
    "task_type type job_type topic": _TASK_TYPE,
    "before after middlewares decorators": _AROUND_ONE,
    "exception_handler error_handler on_error": _RETRIED,
    "retries max_retries max_attempts attempts":
        "write incident_max_retries=..., attempts before an incident, or nothing: then the "
        "diagram's number holds",
    "retry_back_off retry_back_off_ms retry_backoff retry_delay backoff":
        "write retry_timeout=timedelta(...), or retry_policy=RetryPolicy(...)",
    "tenant_ids tenant_id": _NO_TENANT,
    "stream_enabled streaming": "write stream=True",
    "poll_interval poll_retry_delay poll_threshold": _REFILLS,
    "request_timeout": _IN_SETTINGS,
    "auto_complete": _ENDS,
})  # fmt: skip
_POLICY: Final = _words({
    "initial_delay min_delay delay interval": "write initial_interval=timedelta(...)",
    "max_interval max_delay max_backoff": "write maximum_interval=timedelta(...)",
    "factor multiplier backoff exponent": "write backoff_coefficient=...",
    "non_retryable_error_types dont_retry_on": "write non_retryable=(KeyError,)",
    "maximum_attempts max_attempts retries max_retries":
        "it is TaskHandlerConfig(incident_max_retries=...)",
})  # fmt: skip
_BUILDER: Final = _words({
    "grpc_channel channel grpc_address gateway_address zeebe_address": _ADDRESS,
    "host hostname url port client zeebe_client worker": _ADDRESS,
    "name worker_name app_name": "write service_name=..., or give it first, without a name",
    "username login": "write user=..., with password=...",
    "secure insecure tls ssl use_tls use_ssl use_plaintext": _SECURE,
    "before after middleware middlewares": _AROUND_ALL,
    "exception_handler error_handler on_error": _RETRIED,
    "max_connection_retries connection_retries watcher_max_errors_factor": _RECONNECTS,
    "poll_retry_delay poll_interval": _REFILLS,
    "tenant_ids tenant_id default_tenant_id": _NO_TENANT,
    "dependencies container": "write resolver=..., which gives the dependencies",
    "process bpmn bpmn_file": "use with_process(file)",
    "": _IN_SETTINGS,
})  # fmt: skip
_SETTINGS: Final = _words(
    {
        "timeout_ms timeout job_timeout_ms": "write job_timeout=..., seconds or a timedelta",
        "max_jobs_active max_running_jobs concurrency": "write max_running=...",
        "name worker_name app_name": "write service_name=...",
        "grpc_address gateway_address zeebe_address host hostname url": _ADDRESS,
        "username login": "write user=..., with password=...",
        "secure insecure tls ssl use_tls use_ssl use_plaintext": _SECURE,
        "max_retries retries retry": "it is TaskHandlerConfig(incident_max_retries=...)",
        "stream_enabled streaming": "write stream=True",
        "audience token_audience": "write oauth_audience=...",
        "authorization_server authorization_server_url token_url": "write oauth_url=...",
        "max_connection_retries connection_retries": _RECONNECTS,
        "poll_retry_delay poll_interval": _REFILLS,
        "tenant_ids tenant_id": _NO_TENANT,
        "incident_max_retries retry_timeout retry_policy max_unfinished heartbeat": _OF_ONE,
        "middleware middlewares": _AROUND_ALL,
    }
)
_FIELDS: Final = (
    "it takes the fields of TaskHandlerConfig by name, such as max_running=3; a whole one goes to "
    "with_handler"
)
_TYPE_FIRST: Final = {"task_type type topic name": _TASK_TYPE}

_SCOPE: Final = {"variables payload": "write scope={...}"}
_START: Final = {
    **_SCOPE,
    "bpmn_process_id process_name process_key": "write process_id=..., or give it first",
    "process_definition_key": "write process_id=..., the id in the diagram",
    "tenant_id": _NO_TENANT,
}
_EVENT: Final = _words({
    **_SCOPE,
    "name message_name message event_name": "give the name first, without a name of its own",
    "time_to_live_in_milliseconds time_to_live_ms ttl ttl_ms timeout":
        "write time_to_live=..., seconds or a timedelta",
    "message_id": "write event_id=...",
    "key": "write correlation_key=...",
    "tenant_id": _NO_TENANT,
})  # fmt: skip

ARGUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "TaskHandlerConfig": _CONFIG,
    "RetryPolicy": _POLICY,
    "WorkflowSettings": _SETTINGS,
    "WorkflowBuilder": _BUILDER,
    "WorkflowBuilder.task": _words({
        **_TYPE_FIRST,
        "config task_config": _FIELDS,
        "": _FIELDS,
    }),
    "WorkflowBuilder.with_handler": _words({
        **_TYPE_FIRST,
        "": "what belongs to its jobs is the third argument, a TaskHandlerConfig(...)",
    }),
    "WorkflowBuilder.with_process": _words({
        "path file files resource resource_file_path": "give the file first, without a name",
    }),
    "Control.start_process": _words({
        **_START,
        "start_id request_id idempotency_key": "use start_process_once(process_id, start_id)",
    }),
    "Control.start_process_and_wait": _words({
        **_START,
        "request_timeout timeout_ms": "write timeout=..., seconds or a timedelta",
        "variables_to_fetch fetch_variables": "leave it out: all variables come back",
    }),
    "Control.start_process_once": _words(_START),
    "Control.publish_event": _EVENT,
    "Control.publish_later": _EVENT,
    "Control.broadcast_signal": _words({
        **_SCOPE,
        "signal_name signal": "write name=..., or give it first",
        "tenant_id": _NO_TENANT,
    }),
    "Control.cancel_process": _words({
        "process_instance_key key": "write instance_key=..., or give it first",
    }),
    "Control.set_scope": _words({
        **_SCOPE,
        "element_instance_key instance_key process_instance_key":
            "write key=..., or give it first",
    }),
    "Control.update_retries": _words({"key": "write job_key=..., or give it first"}),
    "Control.resolve_incident": _words({"key": "write incident_key=..., or give it first"}),
}  # fmt: skip
"""By class, or method of one: what is given as an argument, and our word for it.

The one of an empty text is said of every word that is not close to one of ours.
"""

_RUNNING_SERVICE: Final = _words({
    "run_process create_process_instance create_instance start_instance start":
        "use start_process(id, scope)",
    "run_process_with_result create_process_instance_with_result":
        "use start_process_and_wait(id, scope)",
    "new_create_instance_command": "use start_process(id, scope)",
    "publish_message correlate_message send_message new_publish_message_command":
        "use publish_event(name, correlation_key=..., scope=...)",
    "send_signal signal new_broadcast_signal_command": "use broadcast_signal(name, scope)",
    "cancel_process_instance cancel_instance cancel new_cancel_instance_command":
        "use cancel_process(key)",
    "deploy_resource deploy_process deploy new_deploy_resource_command":
        "use the builder: with_process(file), which the service deploys as it starts",
    "set_variables set_variable update_variables new_set_variables_command":
        "use set_scope(key, {...})",
    "update_job_retries new_update_retries_command": "use update_retries(job_key, retries)",
    "complete_job fail_job throw_error new_complete_command new_fail_command": _ENDS,
    "activate_jobs new_activate_jobs_command new_worker task":
        'use the builder: @builder.task("type")',
    "topology healthcheck status is_ready": "use health()",
    "evaluate_decision": "leave it to a business rule task: decisions are not asked for alone",
    "close shutdown aclose": "use stop()",
})  # fmt: skip

ATTRIBUTES: Final[Mapping[str, Mapping[str, str]]] = {
    "WorkflowBuilder": _words({
        "work start run_forever start_worker run_until_complete":
            "use serve(), which runs the service to its end, or async with running()",
        "stop close shutdown": f"{_RUNNING}stop()",
        "include_router include_routers add_router":
            "write a function in each module that takes the builder and registers its handlers",
        "before after middleware add_middleware use with_interceptors": _AROUND_ALL,
        "exception_handler error_handler on_error": _RETRIED,
        "remove_task remove_handler": "use without_handler(type)",
        "get_task tasks handlers": "use job_types, or subscriptions",
        "deploy_resource deploy_resources deploy_process deploy with_resource with_diagram "
        "with_bpmn":
            "use with_process(file), which the service deploys as it starts",
        "run_process create_process_instance create_instance start_process":
            f"{_RUNNING}start_process(id, scope)",
        "run_process_with_result": f"{_RUNNING}start_process_and_wait(id, scope)",
        "publish_message publish_event": f"{_RUNNING}publish_event(name, scope=...)",
        "cancel_process_instance cancel_process": f"{_RUNNING}cancel_process(key)",
        "broadcast_signal": f"{_RUNNING}broadcast_signal(name, scope)",
        "health healthcheck topology": "use the running service: workflow.health()",
        "new_worker create_worker add_worker with_worker worker job_worker subscribe": _REGISTER,
        "open add_task with_task register_task handler add_handler job_handler register "
        "register_handler": _REGISTER,
    }),
    "WorkflowTask": _words({
        "variables": "use scope, or get_scope_variable(name)",
        "get_variable get_variables variable": "use get_scope_variable(name)",
        "get_variables_as_map variables_as_map get_all_variables": "use scope",
        "get_variables_as_type variables_as_type": "take a model as the handler's parameter",
        "custom_headers get_custom_headers": "use headers",
        "process_instance_key get_process_instance_key": "use instance_key",
        "bpmn_process_id get_bpmn_process_id": "use process_id",
        "process_definition_version definition_version": "use job.definition_version",
        "process_definition_key definition_key": "use job.definition_key",
        "element_instance_key": "use job.element_instance_key",
        "get_element_id": "use element_id",
        "key job_key get_key task_id": "use job.key",
        "type job_type task_type get_type": "use job.job_type",
        "retries get_retries": "use retries_left, or attempt",
        "worker": "use job.worker",
        "tenant_id": _NO_TENANT,
        "business_key": "put it into the scope, or use instance_key",
        "log get_logger": "use logger",
        "extend_lock": "use extend_timeout(timedelta(...)); the heartbeat does it by itself",
        "set_success_status set_failure_status set_error_status set_task_result status": _ENDS,
        "set_running_after_decorators_status set_running_after_complete_status": _ENDS,
        "complete fail throw_error bpmn_error failure handle_failure": _ENDS,
        "set_variable set_variables": _ENDS,
    }),
    "Control": _RUNNING_SERVICE,
    "SyncWorkflow": _RUNNING_SERVICE,
}  # fmt: skip
"""By class: what is asked of an object, and our word for it."""


def with_foreign_words(cls: Class) -> Class:
    """A class whose users may know its arguments and its methods by another name.

    Unknown arguments of its constructor, and of its methods that have words here, and too many
    without a name, are a `ConfigurationError`; an attribute that has a word here is an
    AttributeError with it, so that ``hasattr`` says no. Both name what was written, and ours.
    """
    for name, method in list(vars(cls).items()):
        where = cls.__name__ if name == "__init__" else f"{cls.__name__}.{name}"
        if where in ARGUMENTS and inspect.isfunction(method):
            setattr(cls, name, _refusing(where, method))
    words = ATTRIBUTES.get(cls.__name__)
    if words is not None:
        # Not in the class's body, where type checkers would take it for any attribute.
        cls.__getattr__ = _attribute(words)  # type: ignore[attr-defined]
    return cls


def refuse_unknown(where: str, given: Iterable[str], known: Iterable[str], shown: str = "") -> None:
    """Refuses arguments that are not known.

    Args:
        where: what they were given to, a key of `ARGUMENTS`, which has our words.
        given: their names.
        known: the names that there are.
        shown: what people call it; empty for ``where``.

    Raises:
        ConfigurationError: one is not known; says what it is called here, or what was meant.
    """
    words, ours = ARGUMENTS[where], list(known)
    for name in given:
        if name not in ours:
            hint = words.get(_plain(name)) or did_you_mean(_plain(name), ours) or words.get("")
            # Settings are known by the names of variables too: too many to be read.
            hint = hint or f"it has {', '.join(each for each in ours if not each.isupper())}"
            raise ConfigurationError(f"{shown or where} has no {name!r}: {hint}")


def _plain(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()


def _refusing(where: str, function: Callable[..., Any]) -> Callable[..., Any]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    known = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    first = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    names, open_ended = frozenset(known), len(known) < len(parameters)

    def check(owner: object, args: Sequence[Any], named: Mapping[str, Any]) -> None:
        if len(args) <= len(first) and named.keys() <= names:
            return
        shown = ".".join([type(owner).__name__, *where.split(".")[1:]])
        if len(args) > len(first):
            rest = ", ".join(f"{each}=..." for each in known[len(first) :])
            hint = ARGUMENTS[where].get("") or f"give the others by name: {rest}"
            raise ConfigurationError(
                f"{shown} takes {', '.join(first)} without a name, and was given {len(args)}; "
                f"{hint}"
            )
        # What takes any name reads the others itself.
        given = [each for each in named if not open_ended or _plain(each) in ARGUMENTS[where]]
        refuse_unknown(where, given, known, shown)

    @functools.wraps(function)
    def call(self: Any, *args: Any, **named: Any) -> Any:
        check(self, args, named)
        return function(self, *args, **named)

    @functools.wraps(function)
    async def awaited(self: Any, *args: Any, **named: Any) -> Any:
        check(self, args, named)
        return await function(self, *args, **named)

    return awaited if inspect.iscoroutinefunction(function) else call


def _attribute(words: Mapping[str, str]) -> Callable[[Any, str], Any]:
    def __getattr__(self: Any, name: str) -> Any:  # noqa: N807 - it becomes the class's
        # `copy` and others ask for methods of Python's own.
        if not name.startswith("_") and (hint := words.get(_plain(name))):
            raise AttributeError(f"{type(self).__name__} has no {name!r}: {hint}")
        # Python's own error; and that of a property that has raised one.
        return object.__getattribute__(self, name)

    return __getattr__
