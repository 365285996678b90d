"""pyzeebe's words for channels, workers and routers."""

from __future__ import annotations

from typing import Final

from workflow_devkit.migration.word import DIFFERS, NONE, SAME, Word, table

_TENANTS: Final = "nothing: the runtime knows the default tenant only"

CHANNELS: Final[dict[str, Word]] = table(
    "channels",
    (
        "create_insecure_channel",
        DIFFERS,
        (
            'the address: `WorkflowBuilder("my-service", "host:26500")`; without one pyzeebe takes '
            "localhost:26500, the runtime none"
        ),
    ),
    (
        "create_insecure_channel(grpc_address)",
        SAME,
        ("the address as it is, or `WORKFLOW_ADDRESS` or `ZEEBE_ADDRESS` in the environment"),
    ),
    (
        "create_insecure_channel(channel_options)",
        NONE,
        "nothing: keepalive and message size are set by the runtime; remove it",
    ),
    (
        "create_secure_channel",
        SAME,
        'the address: `WorkflowBuilder("my-service", "https://host:443")`',
    ),
    ("create_secure_channel(grpc_address)", SAME, "the address with `https://` before it"),
    (
        "create_secure_channel(channel_credentials)",
        DIFFERS,
        "files in the settings: `ca_file`, `client_cert_file`, `client_key_file`",
    ),
    (
        "create_secure_channel(channel_options)",
        NONE,
        "nothing: keepalive and message size are set by the runtime; remove it",
    ),
    (
        "create_oauth2_client_credentials_channel",
        SAME,
        ("settings: `address`, `client_id`, `client_secret`, `oauth_url`, `oauth_audience`"),
    ),
    (
        "create_oauth2_client_credentials_channel(grpc_address)",
        SAME,
        "the address with `https://` before it",
    ),
    ("create_oauth2_client_credentials_channel(client_id)", SAME, "the setting `client_id`"),
    (
        "create_oauth2_client_credentials_channel(client_secret)",
        SAME,
        "the setting `client_secret`",
    ),
    (
        "create_oauth2_client_credentials_channel(authorization_server)",
        SAME,
        "the setting `oauth_url`",
    ),
    ("create_oauth2_client_credentials_channel(scope)", SAME, "the setting `oauth_scope`"),
    ("create_oauth2_client_credentials_channel(audience)", SAME, "the setting `oauth_audience`"),
    (
        "create_oauth2_client_credentials_channel(channel_credentials)",
        DIFFERS,
        "files in the settings: `ca_file`, `client_cert_file`, `client_key_file`",
    ),
    (
        "create_oauth2_client_credentials_channel(channel_options)",
        NONE,
        "nothing: keepalive and message size are set by the runtime; remove it",
    ),
    (
        "create_oauth2_client_credentials_channel(leeway)",
        SAME,
        "nothing: a token is fetched anew in time; remove it",
    ),
    (
        "create_oauth2_client_credentials_channel(expire_in)",
        SAME,
        "nothing: a token is fetched anew in time; remove it",
    ),
    (
        "create_camunda_cloud_channel",
        SAME,
        "settings: `cluster_id`, `cluster_region`, `client_id`, `client_secret`",
    ),
    ("create_camunda_cloud_channel(client_id)", SAME, "the setting `client_id`"),
    ("create_camunda_cloud_channel(client_secret)", SAME, "the setting `client_secret`"),
    ("create_camunda_cloud_channel(cluster_id)", SAME, "the setting `cluster_id`"),
    ("create_camunda_cloud_channel(region)", SAME, "the setting `cluster_region`, without default"),
    ("create_camunda_cloud_channel(authorization_server)", SAME, "the setting `oauth_url`"),
    ("create_camunda_cloud_channel(scope)", SAME, "the setting `oauth_scope`"),
    ("create_camunda_cloud_channel(audience)", SAME, "the setting `oauth_audience`"),
    (
        "create_camunda_cloud_channel(channel_credentials)",
        DIFFERS,
        "files in the settings: `ca_file`, `client_cert_file`, `client_key_file`",
    ),
    (
        "create_camunda_cloud_channel(channel_options)",
        NONE,
        "nothing: keepalive and message size are set by the runtime; remove it",
    ),
    (
        "create_camunda_cloud_channel(leeway)",
        SAME,
        "nothing: a token is fetched anew in time; remove it",
    ),
    (
        "create_camunda_cloud_channel(expire_in)",
        SAME,
        "nothing: a token is fetched anew in time; remove it",
    ),
)

WORKERS: Final[dict[str, Word]] = table(
    "workers",
    ("ZeebeWorker", SAME, '`WorkflowBuilder("my-service", address)`'),
    ("ZeebeWorker(grpc_channel)", SAME, "the address of the builder"),
    ("ZeebeWorker(name)", SAME, "the builder's `service_name`"),
    (
        "ZeebeWorker(request_timeout)",
        DIFFERS,
        "the setting `long_poll`, in seconds (pyzeebe: milliseconds)",
    ),
    (
        "ZeebeWorker(before)",
        DIFFERS,
        "`builder.with_middleware(f)`: `async def f(task, call_next)`",
    ),
    ("ZeebeWorker(after)", DIFFERS, "`builder.with_middleware(f)`: `async def f(task, call_next)`"),
    (
        "ZeebeWorker(exception_handler)",
        DIFFERS,
        "raise what it decided (exception-handlers)",
    ),
    ("ZeebeWorker(max_connection_retries)", SAME, "nothing: it reconnects for ever; remove it"),
    (
        "ZeebeWorker(poll_retry_delay)",
        SAME,
        "nothing: it fetches as soon as a handler has ended; remove it",
    ),
    ("ZeebeWorker(tenant_ids)", NONE, _TENANTS),
    (
        "ZeebeWorker(stream_enabled)",
        SAME,
        "the setting `stream`, or `@builder.task(…, stream=True)`",
    ),
    (
        "ZeebeWorker(stream_request_timeout)",
        SAME,
        "nothing: streams are opened anew by themselves; remove it",
    ),
    ("ZeebeWorker.task", SAME, '`@builder.task("the type")`'),
    (
        "ZeebeWorker.work",
        DIFFERS,
        (
            "`builder.serve()` as a process, `async with builder.running()` beside another "
            "loop, `builder.start_in_thread()` beside sync code"
        ),
    ),
    ("ZeebeWorker.stop", SAME, "`await workflow.stop()`; `builder.serve()` does it at SIGTERM"),
    ("ZeebeWorker.healthcheck", SAME, "`workflow.health()`"),
    ("ZeebeWorker.before", DIFFERS, "`builder.with_middleware(f)`"),
    ("ZeebeWorker.after", DIFFERS, "`builder.with_middleware(f)`"),
    (
        "ZeebeWorker.exception_handler",
        DIFFERS,
        (
            "raise what it decided (exception-handlers); pyzeebe calls this one only for tasks "
            "that are registered after it"
        ),
    ),
    (
        "ZeebeWorker.include_router",
        DIFFERS,
        "a function that takes the builder: `def register(builder): …`",
    ),
    ("ZeebeWorker.remove_task", SAME, "`builder.without_handler(job_type)`"),
    ("ZeebeWorker.get_task", DIFFERS, "`builder.job_types`, `builder.subscriptions`"),
    ("ZeebeWorker.tasks", DIFFERS, "`builder.job_types`, `builder.subscriptions`"),
    ("ZeebeWorker.name", SAME, "`builder.settings.service_name`"),
    (
        "ZeebeWorker.zeebe_adapter",
        DIFFERS,
        (
            "`workflow.gateway` for what Workflow does not offer; in a handler: raise "
            "`Retry`, `WorkflowIncident` or `BpmnError`"
        ),
    ),
)

ROUTERS: Final[dict[str, Word]] = table(
    "routers",
    ("ZeebeTaskRouter", DIFFERS, "a function that takes the builder: `def register(builder): …`"),
    ("ZeebeTaskRouter(before)", DIFFERS, "`middleware=[f]` of each handler"),
    ("ZeebeTaskRouter(after)", DIFFERS, "`middleware=[f]` of each handler"),
    (
        "ZeebeTaskRouter(exception_handler)",
        DIFFERS,
        "raise what it decided (exception-handlers)",
    ),
    ("ZeebeTaskRouter.task", SAME, '`@builder.task("the type")`'),
    ("ZeebeTaskRouter.before", DIFFERS, "`middleware=[f]` of each handler"),
    ("ZeebeTaskRouter.after", DIFFERS, "`middleware=[f]` of each handler"),
    (
        "ZeebeTaskRouter.exception_handler",
        DIFFERS,
        "raise what it decided (exception-handlers)",
    ),
    ("ZeebeTaskRouter.remove_task", SAME, "`builder.without_handler(job_type)`"),
    ("ZeebeTaskRouter.get_task", DIFFERS, "`builder.job_types`, `builder.subscriptions`"),
    ("ZeebeTaskRouter.tasks", DIFFERS, "`builder.job_types`, `builder.subscriptions`"),
    ("TaskConfig", DIFFERS, "`TaskHandlerConfig`"),
)
