"""What users set for the whole service."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict
from typing_extensions import override

from workflow_runtime.environment import AS_TEXT, EnvironmentSettings
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.foreign_words import refuse_unknown
from workflow_runtime.urls import redacted

__all__ = [
    "WorkflowSettings",
    "settings_with",
]

_ZERO = timedelta(0)


def _seconds(value: Any) -> Any:
    """Environment variables are text: "30" means seconds there, as 30 does in code."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _words(value: Any) -> Any:
    """Environment variables are text: what stands between spaces."""
    return value.split() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _plaintext(value: Any) -> Any:
    """As clients of Zeebe read it: ``true`` is plain text, any other text is TLS."""
    return value.strip().lower() in {"true", "1", "yes", "on"} if isinstance(value, str) else value


LogLevel = Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Duration = Annotated[timedelta, BeforeValidator(_seconds)]


def _names(*names: str) -> AliasChoices:
    return AliasChoices(*names)


class WorkflowSettings(EnvironmentSettings):
    """Settings of a service, from arguments or from the environment.

    Every field reads ``WORKFLOW_<FIELD>``; the ones that users of Zeebe know by another name
    read ``ZEEBE_*`` and ``CAMUNDA_*`` too. Durations are seconds or ISO 8601. An
    empty variable is one that is not set, and blanks around a value are no part of it.

    Args:
        **values: fields that are not read but taken from here. Credentials of one kind (user and
            password, client id and secret) hide those of the other that the environment has.

    Raises:
        ConfigurationError: a value cannot be read, or is not within its bounds, or an argument is
            no field; names each variable or argument and what is wrong with it, but shows no value.
    """

    model_config = SettingsConfigDict(
        env_prefix="WORKFLOW_",
        populate_by_name=True,
        extra="ignore",
        # The event loop and the thread of health read the same object.
        frozen=True,
        # What does not fit may be a password.
        hide_input_in_errors=True,
    )

    def __init__(self, **values: Any) -> None:
        # What the class ignores is of an .env file, which other programs read as well.
        if self.model_config.get("extra") != "allow":
            given = (each for each in values if not each.startswith("_"))
            refuse_unknown("WorkflowSettings", given, _names_of(type(self)))
        super().__init__(**_of_one_kind(values))

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        # Secrets hide themselves; URLs are texts that may have a password in them.
        for name, value in super().__repr_args__():
            yield name, redacted(value) if isinstance(value, str) else value

    service_name: str = "workflow-service"
    """The name in logs, metrics and alerts, and the worker's name at the broker."""
    address: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_ADDRESS",
            "ZEEBE_GRPC_ADDRESS",
            "CAMUNDA_GRPC_ADDRESS",
            "ZEEBE_ADDRESS",
            "CAMUNDA_CLIENT_GRPCADDRESS",
            "CAMUNDA_CLIENT_ZEEBE_GRPCADDRESS",
        ),
    )
    """Where the gateway is: ``http://host[:26500]`` in plain text, ``https://host[:443]`` with TLS,
    ``host:port`` as ``plaintext`` says, ``embedded://`` for an engine in memory."""
    plaintext: Annotated[bool | None, BeforeValidator(_plaintext)] = Field(
        default=None,
        validation_alias=_names(
            "WORKFLOW_PLAINTEXT",
            "ZEEBE_INSECURE_CONNECTION",
            "ZEEBE_PLAINTEXT",
            "CAMUNDA_CLIENT_SECURITY_PLAINTEXT",
            "ZEEBE_CLIENT_SECURITY_PLAINTEXT",
        ),
    )
    """Whether an ``address`` without a scheme is in plain text or with TLS; None is TLS at port 443
    only."""
    cluster_id: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_CLUSTER_ID",
            "CAMUNDA_CLUSTER_ID",
            "ZEEBE_CLUSTER_ID",
            "CAMUNDA_CLIENT_CLOUD_CLUSTERID",
            "CAMUNDA_CLIENT_CLOUD_CLUSTER_ID",
        ),
    )
    """A cluster of Camunda SaaS, with ``cluster_region``, instead of an address."""
    cluster_region: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_CLUSTER_REGION",
            "CAMUNDA_CLUSTER_REGION",
            "ZEEBE_CLUSTER_REGION",
            "ZEEBE_REGION",
            "CAMUNDA_CLIENT_CLOUD_REGION",
        ),
    )
    """The region of ``cluster_id``, such as ``bru-2``."""
    require_address: bool = False
    """Without an address the service does not start, instead of taking an engine in memory."""
    user: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_USER", "CAMUNDA_BASIC_AUTH_USERNAME", "CAMUNDA_CLIENT_AUTH_USERNAME"
        ),
    )
    """The user of basic credentials, with ``password``."""
    password: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=_names(
            "WORKFLOW_PASSWORD", "CAMUNDA_BASIC_AUTH_PASSWORD", "CAMUNDA_CLIENT_AUTH_PASSWORD"
        ),
    )
    """The password of ``user``."""
    client_id: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_CLIENT_ID",
            "CAMUNDA_CLIENT_ID",
            "ZEEBE_CLIENT_ID",
            "CAMUNDA_CLIENT_AUTH_CLIENTID",
            "CAMUNDA_CLIENT_AUTH_CLIENT_ID",
        ),
    )
    """OAuth client credentials, with ``client_secret`` and ``oauth_url``; at Camunda SaaS that
    is known."""
    client_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias=_names(
            "WORKFLOW_CLIENT_SECRET",
            "CAMUNDA_CLIENT_SECRET",
            "ZEEBE_CLIENT_SECRET",
            "CAMUNDA_CLIENT_AUTH_CLIENTSECRET",
            "CAMUNDA_CLIENT_AUTH_CLIENT_SECRET",
        ),
    )
    """The secret of ``client_id``."""
    oauth_url: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_OAUTH_URL",
            "CAMUNDA_OAUTH_URL",
            "ZEEBE_AUTHORIZATION_SERVER_URL",
            "CAMUNDA_CLIENT_AUTH_TOKENURL",
            "CAMUNDA_CLIENT_AUTH_TOKEN_URL",
        ),
    )
    """The URL of the authorization server, where tokens are fetched."""
    oauth_audience: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_OAUTH_AUDIENCE",
            "CAMUNDA_TOKEN_AUDIENCE",
            "ZEEBE_TOKEN_AUDIENCE",
            "CAMUNDA_CLIENT_AUTH_AUDIENCE",
        ),
    )
    """The ``audience`` of token requests."""
    oauth_scope: str = Field(
        default="",
        validation_alias=_names(
            "WORKFLOW_OAUTH_SCOPE",
            "CAMUNDA_TOKEN_SCOPE",
            "ZEEBE_TOKEN_SCOPE",
            "CAMUNDA_CLIENT_AUTH_SCOPE",
        ),
    )
    """The ``scope`` of token requests."""
    oauth_proxy: str = ""
    """The URL of a proxy for token requests; empty takes ``HTTPS_PROXY`` and ``NO_PROXY``."""
    oauth_timeout: Duration = timedelta(seconds=10)
    """How long one token request may take."""
    ca_file: Path | None = Field(
        default=None,
        validation_alias=_names(
            "WORKFLOW_CA_FILE", "ZEEBE_CA_CERTIFICATE_PATH", "CAMUNDA_CA_CERTIFICATE_PATH"
        ),
    )
    """The CA of gateway and token server (PEM), instead of the system's."""
    client_cert_file: Path | None = None
    """A client certificate (PEM) for mutual TLS, with ``client_key_file``."""
    client_key_file: Path | None = None
    """The private key (PEM) of ``client_cert_file``."""
    allow_plaintext_credentials: bool = False
    """Send credentials in plain text to hosts other than this machine: to the gateway, to where
    tokens are fetched, to Operate, to alert channels, to proxies."""

    max_running: int = Field(default=32, ge=1)
    """Jobs of one type at once, unless its handler says otherwise."""
    max_running_total: int = Field(default=1024, ge=1)
    """Jobs of all types at once."""
    job_timeout: Duration = Field(default=timedelta(seconds=30), ge=timedelta(milliseconds=100))
    """How long the broker waits for a sign of life before it gives a job away; 0.1 s or more."""
    long_poll: Duration = Field(default=timedelta(seconds=10), ge=_ZERO)
    """How long a poll waits at the broker while there is no job (semantics#job-long-poll)."""
    stream: bool = False
    """Have new jobs pushed, beside a slow poll (semantics#job-stream)."""
    request_timeout: Duration = Field(default=timedelta(seconds=10), gt=_ZERO)
    """How long one call may take; polls have it on top of ``long_poll``."""
    command_timeout: Duration = Field(default=timedelta(seconds=30), gt=_ZERO)
    """How long a command of the control interface is tried, resends included."""
    grace: Duration = Field(default=timedelta(seconds=20), ge=_ZERO)
    """How long running handlers may go on after SIGTERM."""
    event_ttl: Duration = Field(default=timedelta(hours=1), ge=_ZERO)
    """How long an event waits for its process, unless the call says otherwise."""
    event_buffer: int = Field(default=1000, ge=1)
    """How many events of ``publish_later`` may wait in memory."""
    outbox_late: Duration = Field(default=timedelta(minutes=5), gt=_ZERO)
    """How old the oldest waiting event of an outbox may be before health and log name it."""
    outbox_ready: bool = False
    """Whether a service is not ready while health names something about its outbox."""

    alert_urls: Annotated[tuple[SecretStr, ...], AS_TEXT, BeforeValidator(_words)] = ()
    """Where alerts go besides the log: URLs of Apprise, with spaces between them."""
    alert_window: Duration = Field(default=timedelta(minutes=10), gt=_ZERO)
    """Between two alerts about the same element and error; the ones between are counted."""
    alerts_per_minute: int = Field(default=10, ge=1)
    """How many alerts are sent in a minute; what is above comes as one with a count."""
    operate_url: str = Field(
        default="", validation_alias=_names("WORKFLOW_OPERATE_URL", "CAMUNDA_OPERATE_BASE_URL")
    )
    """Where Operate is seen by people: alerts link to the instance."""
    operate_watch: bool | None = None
    """Poll Operate for incidents that no worker caused, in one replica at a time; None does so
    where Operate has an address."""
    operate_api_url: str = ""
    """Where this service reaches Operate, if that is another address than ``operate_url``."""
    operate_user: str = ""
    """The user at Operate, with ``operate_password``."""
    operate_password: SecretStr = SecretStr("")
    """The password of ``operate_user``."""
    operate_token: SecretStr = SecretStr("")
    """A bearer token for Operate, instead of user and password."""
    operate_interval: Duration = Field(default=timedelta(seconds=30), gt=_ZERO)
    """The time between two looks at Operate."""
    runbook_url: str = ""
    """A link for alerts; may contain {process_id}, {element_id} and {error_type}."""

    log_format: Literal["auto", "pretty", "json", "off"] = "auto"
    """``auto``: pretty in a terminal, JSON elsewhere."""
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = "INFO"
    """For lines of this package and of the service's own code, by loguru or by logging."""
    log_level_libraries: Annotated[LogLevel, BeforeValidator(_upper)] = "WARNING"
    """For what libraries say by the standard library's logging."""
    log_exception_texts: bool = False
    """Tracebacks with the texts of exceptions, which may hold values of scopes."""

    health_host: str = "127.0.0.1"
    """Where health and metrics are served; 0.0.0.0 in a container."""
    health_port: int | None = Field(default=None, ge=0, le=65535)
    """None serves neither; 0 takes any free port."""
    stalled_handler: Duration = Field(default=timedelta(minutes=1), gt=_ZERO)
    """How long a handler may run before health, metrics and the log name it, unless its own
    configuration says otherwise; nothing else happens to it."""
    tracing: bool = False
    """A span for every job, by the OpenTelemetry provider of the program (extra telemetry)."""

    @property
    def watches_operate(self) -> bool:
        """Whether Operate is polled for incidents."""
        known = bool(self.operate_api_url or self.operate_url)
        return known if self.operate_watch is None else self.operate_watch


def _names_of(cls: type[WorkflowSettings]) -> Iterator[str]:
    for name, field in cls.model_fields.items():
        aliases = field.validation_alias
        choices = aliases.choices if isinstance(aliases, AliasChoices) else [aliases]
        yield from (name, *(each for each in choices if isinstance(each, str)))


_CREDENTIALS = (("user", "password"), ("client_id", "client_secret"))
"""Two kinds: who gives one in code does not mean the other, which the environment may have."""


def _of_one_kind(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments, and with credentials of one kind none of the other."""
    kinds = [any(given.get(name) for name in names) for names in _CREDENTIALS]
    if all(kinds) or not any(kinds):
        return dict(given)
    fields = WorkflowSettings.model_fields
    absent = {name: fields[name].default for name in _CREDENTIALS[kinds.index(False)]}
    return {**absent, **given}


def settings_with(settings: Any, given: Mapping[str, Any]) -> WorkflowSettings:
    """Replaces fields of settings by the arguments of a constructor.

    Args:
        settings: what was given as settings; None reads the environment.
        given: texts by field; those that are None replace nothing.

    Raises:
        ConfigurationError: what is given is of another type, or the environment cannot be read.
    """
    if not (settings is None or isinstance(settings, WorkflowSettings)):
        raise ConfigurationError(
            f"settings must be WorkflowSettings, not {type(settings).__name__}; "
            "WorkflowSettings(**fields) makes them of a dict"
        )
    for name, value in given.items():
        if not (value is None or isinstance(value, str | SecretStr)):
            raise ConfigurationError(f"{name} must be a text, not {type(value).__name__}")
    base = settings or WorkflowSettings()
    meant = {name: each for name, each in given.items() if each is not None}
    return base.model_copy(update=_of_one_kind(meant))
