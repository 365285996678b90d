"""pyzeebe's words for clients, errors and tests, and those that older versions had."""

from __future__ import annotations

from typing import Final

from workflow_devkit.migration.word import DIFFERS, NONE, SAME, Row, Word, table

_TENANTS: Final = (
    "nothing: the runtime knows the default tenant only; keep pyzeebe's client for others"
)

_METHODS: Final[tuple[Row, ...]] = (
    (
        "run_process",
        DIFFERS,
        "`await workflow.start_process(process_id, scope)`; `result.key` is its key",
    ),
    ("run_process(bpmn_process_id)", SAME, "`process_id`, the first argument"),
    ("run_process(variables)", SAME, "scope, the second argument"),
    ("run_process(version)", SAME, "version"),
    ("run_process(tenant_id)", NONE, _TENANTS),
    (
        "run_process_with_result",
        DIFFERS,
        (
            "`await workflow.start_process_and_wait(process_id, scope)`: the variables themselves "
            "(pyzeebe 4: `.variables` of an answer, 3: a pair of key and variables)"
        ),
    ),
    ("run_process_with_result(bpmn_process_id)", SAME, "`process_id`, the first argument"),
    ("run_process_with_result(variables)", SAME, "scope, the second argument"),
    ("run_process_with_result(version)", SAME, "version"),
    ("run_process_with_result(timeout)", DIFFERS, "timeout, in seconds (pyzeebe: milliseconds)"),
    (
        "run_process_with_result(variables_to_fetch)",
        NONE,
        "nothing: all variables come; take what you need",
    ),
    ("run_process_with_result(tenant_id)", NONE, _TENANTS),
    ("cancel_process_instance", SAME, "`await workflow.cancel_process(instance_key)`"),
    ("cancel_process_instance(process_instance_key)", SAME, "`instance_key`, the first argument"),
    (
        "deploy_resource",
        DIFFERS,
        ("`builder.with_process(where)`: deployed at each start; by hand: `workflow deploy FILES`"),
    ),
    ("deploy_resource(resource_file_path)", SAME, "a file, a folder or a glob"),
    ("deploy_resource(tenant_id)", NONE, _TENANTS),
    (
        "evaluate_decision",
        NONE,
        "nothing: a business rule task of a process, or keep pyzeebe's client for it",
    ),
    ("broadcast_signal", SAME, "`await workflow.broadcast_signal(name, scope)`"),
    ("broadcast_signal(signal_name)", SAME, "name, the first argument"),
    ("broadcast_signal(variables)", SAME, "scope, the second argument"),
    ("broadcast_signal(tenant_id)", NONE, _TENANTS),
    (
        "publish_message",
        DIFFERS,
        (
            "`await workflow.publish_event(name, correlation_key=…, scope=…)`: sent again "
            "until it is taken, kept for an hour (pyzeebe: once, a minute)"
        ),
    ),
    ("publish_message(name)", SAME, "event, the first argument"),
    ("publish_message(correlation_key)", SAME, "`correlation_key`, by its name, a text"),
    ("publish_message(variables)", SAME, "scope"),
    (
        "publish_message(time_to_live_in_milliseconds)",
        DIFFERS,
        "`time_to_live`, in seconds or a timedelta (pyzeebe: milliseconds)",
    ),
    (
        "publish_message(message_id)",
        DIFFERS,
        "`event_id`; a second event with it is no error: `result.duplicate` says so",
    ),
    ("publish_message(tenant_id)", NONE, _TENANTS),
    ("topology", DIFFERS, "`await workflow.gateway.topology()`; by hand: `workflow status`"),
    ("healthcheck", DIFFERS, "`workflow.health()`, or /ready where `health_port` is set"),
)


def _of(client: str) -> tuple[Row, ...]:
    return tuple((f"{client}.{name}", effort, ours) for name, effort, ours in _METHODS)


CLIENTS: Final[dict[str, Word]] = table(
    "the-clients-methods",
    (
        "ZeebeClient",
        SAME,
        (
            "the running service, `async with builder.running() as workflow`; in a handler:"
            " `task.workflow`"
        ),
    ),
    ("ZeebeClient(grpc_channel)", SAME, "the address of the builder"),
    (
        "ZeebeClient(max_connection_retries)",
        SAME,
        (
            "nothing: it reconnects for ever, and the setting `command_timeout` ends a "
            "call; remove it"
        ),
    ),
    ("ZeebeClient.zeebe_adapter", DIFFERS, "`workflow.gateway`"),
    (
        "SyncZeebeClient",
        DIFFERS,
        (
            "`builder.start_in_thread()`: the same methods, without await; in a `def` "
            "handler: `task.sync_workflow`"
        ),
    ),
    ("SyncZeebeClient(grpc_channel)", SAME, "the address of the builder"),
    (
        "SyncZeebeClient(max_connection_retries)",
        SAME,
        (
            "nothing: it reconnects for ever, and the setting `command_timeout` ends a "
            "call; remove it"
        ),
    ),
    ("SyncZeebeClient.client", DIFFERS, "`builder.start_in_thread()`"),
    *_of("ZeebeClient"),
    *((name, effort, ours.replace("await ", "")) for name, effort, ours in _of("SyncZeebeClient")),
)
"""Synchronous clients have the same methods, without ``await``."""

ERRORS: Final[dict[str, Word]] = table(
    "errors",
    ("errors", SAME, "`from workflow_runtime import BpmnError, CommandFailed, …`"),
    ("BusinessError", SAME, "`BpmnError(code, message, scope)`"),
    ("PyZeebeError", SAME, "`WorkflowError`"),
    ("ZeebeError", SAME, "`CommandFailed`"),
    ("ActivateJobsRequestInvalidError", SAME, "nothing: the builder refuses it"),
    ("StreamActivateJobsRequestInvalidError", SAME, "nothing: the builder refuses it"),
    ("JobAlreadyDeactivatedError", SAME, "nothing: a log line; whoever finished the job is right"),
    ("JobNotFoundError", SAME, "nothing: a log line; whoever finished the job is right"),
    ("MessageAlreadyExistsError", DIFFERS, "no error: `result.duplicate` of `publish_event`"),
    (
        "InvalidJSONError",
        DIFFERS,
        ("`CommandFailed` whose status is `INVALID_ARGUMENT`; of a handler's result: an incident"),
    ),
    (
        "ProcessDefinitionHasNoStartEventError",
        DIFFERS,
        "`CommandFailed`; `workflow.start_process_once` starts by a message start event",
    ),
    ("ProcessDefinitionNotFoundError", SAME, "`ProcessNotFound`"),
    ("ProcessInstanceNotFoundError", SAME, "`InstanceNotFound`"),
    ("ProcessInvalidError", SAME, "`DiagramError`, at the builder"),
    ("ProcessTimeoutError", DIFFERS, "`WaitTimedOut`; it is no `TimeoutError`"),
    ("DecisionNotFoundError", NONE, "nothing: decisions are evaluated in processes"),
    ("DuplicateTaskTypeError", SAME, "`HandlerError`, at the builder"),
    ("NoVariableNameGivenError", SAME, "nothing: a handler returns a dict"),
    ("SettingsError", SAME, "`ConfigurationError`"),
    ("TaskNotFoundError", SAME, "nothing: `builder.without_handler` takes any type"),
    (
        "InvalidOAuthCredentialsError",
        SAME,
        ("`AddressError` at the builder, or `CommandFailed` whose status is `UNAUTHENTICATED`"),
    ),
    ("UnknownGrpcStatusCodeError", SAME, "`CommandFailed`; its status is the name of the code"),
    (
        "ZeebeBackPressureError",
        DIFFERS,
        (
            "`CommandFailed` whose status is `RESOURCE_EXHAUSTED`, after resending; "
            "`EventNotPublished`"
        ),
    ),
    (
        "ZeebeDeadlineExceeded",
        DIFFERS,
        (
            "`CommandFailed` whose status is `DEADLINE_EXCEEDED`, after resending; "
            "`EventNotPublished`"
        ),
    ),
    (
        "ZeebeGatewayUnavailableError",
        DIFFERS,
        ("`CommandFailed` whose status is `UNAVAILABLE`, after resending; `EventNotPublished`"),
    ),
    ("ZeebeInternalError", DIFFERS, "`CommandFailed` whose status is `INTERNAL`"),
)

OLDER: Final[dict[str, Word]] = table(
    "names-of-pyzeebe-2-and-3",
    ("Task", DIFFERS, "`builder.with_handler(job_type, handler)`"),
    ("TaskContext", DIFFERS, "a parameter `task: WorkflowTask`"),
    ("TaskStatusController", DIFFERS, "exceptions: `BpmnError`, `Retry`, `WorkflowIncident`"),
    ("JobStatusController", DIFFERS, "exceptions: `BpmnError`, `Retry`, `WorkflowIncident`"),
    (
        "CamundaCloudCredentials",
        DIFFERS,
        "settings: `cluster_id`, `cluster_region`, `client_id`, `client_secret`",
    ),
    (
        "OAuthCredentials",
        DIFFERS,
        "settings: `client_id`, `client_secret`, `oauth_url`, `oauth_audience`",
    ),
    (
        "CamundaIdentityCredentials",
        DIFFERS,
        "settings: `client_id`, `client_secret`, `oauth_url`, `oauth_audience`",
    ),
    ("AuthMetadataPlugin", DIFFERS, "settings: `client_id`, `client_secret`, `oauth_url`"),
    ("exceptions", DIFFERS, "`from workflow_runtime import BpmnError, CommandFailed, …`"),
    ("ZeebeWorker.add_task", DIFFERS, "`builder.with_handler(job_type, handler)`"),
    (
        "ZeebeWorker(hostname)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "host:26500")`',
    ),
    ("ZeebeWorker(port)", DIFFERS, 'the address: `WorkflowBuilder("my-service", "host:26500")`'),
    ("ZeebeWorker(credentials)", DIFFERS, "settings: `client_id`, `client_secret`, `oauth_url`"),
    ("ZeebeWorker(secure_connection)", DIFFERS, "`https://` before the address"),
    ("ZeebeWorker(watcher_max_errors_factor)", SAME, "nothing: it never gives up; remove it"),
    (
        "ZeebeClient(hostname)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "host:26500")`',
    ),
    ("ZeebeClient(port)", DIFFERS, 'the address: `WorkflowBuilder("my-service", "host:26500")`'),
    ("ZeebeClient(credentials)", DIFFERS, "settings: `client_id`, `client_secret`, `oauth_url`"),
    ("ZeebeClient(secure_connection)", DIFFERS, "`https://` before the address"),
    (
        "create_insecure_channel(hostname)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "host:26500")`',
    ),
    (
        "create_insecure_channel(port)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "host:26500")`',
    ),
    (
        "create_secure_channel(hostname)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "https://host:443")`',
    ),
    (
        "create_secure_channel(port)",
        DIFFERS,
        'the address: `WorkflowBuilder("my-service", "https://host:443")`',
    ),
    (
        "task(timeout)",
        DIFFERS,
        (
            "nothing: a running handler keeps its job; or `@builder.task(…, "
            "job_timeout=timedelta(seconds=30))`"
        ),
    ),
    *(
        (f"{client}.{old}", DIFFERS, new)
        for client in ("ZeebeClient", "SyncZeebeClient")
        for old, new in (
            ("deploy_process", "`builder.with_process(where)`: deployed at each start"),
            ("deploy_workflow", "`builder.with_process(where)`: deployed at each start"),
            ("run_workflow", "`workflow.start_process(process_id, scope)`"),
            (
                "run_workflow_with_result",
                "`workflow.start_process_and_wait(process_id, scope)`: the variables themselves",
            ),
            ("cancel_workflow_instance", "`workflow.cancel_process(instance_key)`"),
        )
    ),
    ("Job.set_success_status", DIFFERS, "return the variables"),
    ("Job.set_failure_status", DIFFERS, "raise any exception, or `raise Retry(seconds, message)`"),
    ("Job.set_error_status", DIFFERS, "`raise BpmnError(code, message, scope)`"),
    ("Job.zeebe_adapter", DIFFERS, "`task.workflow`"),
    ("TaskNotFound", SAME, "nothing: `builder.without_handler` takes any type"),
    ("NoVariableNameGiven", SAME, "nothing: a handler returns a dict"),
    ("DuplicateTaskType", SAME, "`HandlerError`, at the builder"),
    ("ZeebeBackPressure", DIFFERS, "`CommandFailed` whose status is `RESOURCE_EXHAUSTED`"),
    ("ZeebeGatewayUnavailable", DIFFERS, "`CommandFailed` whose status is `UNAVAILABLE`"),
    ("WorkflowNotFound", DIFFERS, "`ProcessNotFound`"),
    ("WorkflowInstanceNotFound", DIFFERS, "`InstanceNotFound`"),
    ("PyZeebeException", DIFFERS, "`WorkflowError`"),
)
