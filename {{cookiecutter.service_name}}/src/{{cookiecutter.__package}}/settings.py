"""Settings of this service from environment variables, `.env` as well for local work.

Empty variables are not set.

How to reach Zeebe and how the worker behaves is the runtime's (`ZEEBE_*`): see README.
"""

from typing import Final

from pydantic import Field{% if cookiecutter.outbox != "none" %}, SecretStr{% endif %}

from pydantic_settings import SettingsConfigDict
from workflow_runtime import EnvironmentSettings

SERVICE_NAME: Final = "{{ cookiecutter.service_name }}"


class Settings(EnvironmentSettings):
    """What this service itself can be told."""

    model_config = SettingsConfigDict(env_file=".env", env_prefix="SERVICE_", extra="ignore")

    mail_retries: int = Field(default=100, ge=1)
    """Attempts to send a mail before the process goes into incident."""
{% if cookiecutter.http_api == "fastapi" %}

    http_host: str = "127.0.0.1"
    """Where the HTTP API listens; 0.0.0.0 in a container."""
    http_port: int = Field(default=8000, ge=0, le=65535)
{% endif %}
{% if cookiecutter.outbox == "sqlite" %}

    outbox_url: SecretStr = SecretStr("sqlite+aiosqlite:///outbox.db")
    """The database that events are written to before they are sent."""
{% elif cookiecutter.outbox == "postgres" %}

    outbox_url: SecretStr = SecretStr("postgresql+asyncpg://postgres@localhost/postgres")
    """The database that events are written to before they are sent."""
{% endif %}
