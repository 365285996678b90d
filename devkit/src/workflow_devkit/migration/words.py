"""Everything that pyzeebe has, and what stands in its place: one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.migration.word import Word
from workflow_devkit.migration.words_of_clients import CLIENTS, ERRORS, OLDER
from workflow_devkit.migration.words_of_handlers import (
    DECORATORS,
    EXCEPTION_HANDLERS,
    JOB,
    KEYWORDS,
    PARAMETERS,
)
from workflow_devkit.migration.words_of_workers import CHANNELS, ROUTERS, WORKERS

__all__ = ["ARGUMENTS", "INSTANCES", "OLD_ARGUMENTS", "WORDS"]

WORDS: Final[Mapping[str, Word]] = {
    **OLDER,
    **CHANNELS,
    **WORKERS,
    **KEYWORDS,
    **PARAMETERS,
    **JOB,
    **EXCEPTION_HANDLERS,
    **DECORATORS,
    **ROUTERS,
    **CLIENTS,
    **ERRORS,
}
"""By pyzeebe's word."""

INSTANCES: Final = frozenset(
    {
        "Job",
        "JobController",
        "SyncZeebeClient",
        "ZeebeClient",
        "ZeebeTaskRouter",
        "ZeebeWorker",
    }
)
"""Classes whose objects are followed through the code."""

_PROCESS = ("bpmn_process_id", "variables", "version")
_TOKEN = ("scope", "audience", "channel_credentials", "channel_options", "leeway", "expire_in")

ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "task": (
        "task_type", "exception_handler", "variables_to_fetch", "timeout_ms",
        "max_jobs_to_activate", "max_running_jobs", "before", "after", "single_value",
        "variable_name",
    ),
    "ZeebeWorker": (
        "grpc_channel", "name", "request_timeout", "before", "after", "max_connection_retries",
        "poll_retry_delay", "tenant_ids", "exception_handler", "stream_enabled",
        "stream_request_timeout",
    ),
    "ZeebeTaskRouter": ("before", "after", "exception_handler"),
    "ZeebeClient": ("grpc_channel", "max_connection_retries"),
    "SyncZeebeClient": ("grpc_channel", "max_connection_retries"),
    "create_insecure_channel": ("grpc_address", "channel_options"),
    "create_secure_channel": ("grpc_address", "channel_options", "channel_credentials"),
    "create_oauth2_client_credentials_channel": (
        "grpc_address", "client_id", "client_secret", "authorization_server", *_TOKEN,
    ),
    "create_camunda_cloud_channel": (
        "client_id", "client_secret", "cluster_id", "region", "authorization_server", *_TOKEN,
    ),
    "run_process": (*_PROCESS, "tenant_id"),
    "run_process_with_result": (*_PROCESS, "timeout", "variables_to_fetch", "tenant_id"),
    "cancel_process_instance": ("process_instance_key",),
    "broadcast_signal": ("signal_name", "variables", "tenant_id"),
    "publish_message": (
        "name", "correlation_key", "variables", "time_to_live_in_milliseconds", "message_id",
        "tenant_id",
    ),
}  # fmt: skip
"""In the order in which pyzeebe 4 takes them."""

OLD_ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Task": ("task_type", "task_handler", "exception_handler")
}
"""In the order in which pyzeebe 2 took them."""
