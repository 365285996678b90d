"""Variables of the environment: an empty one is not set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings.sources import EnvSettingsSource
from typing_extensions import override

__all__ = ["EnvironmentSettings"]


class EnvironmentSettings(BaseSettings):
    """Settings that take an empty variable for one that is not set.

    Templates of deployments write them: ``MAIL_RETRIES: ${MAIL_RETRIES:-}`` in a compose file, a
    key without a value in a ``.env``. Blanks alone are empty too. Everything else is as with
    ``pydantic_settings.BaseSettings``.

    Raises:
        pydantic.ValidationError: a value cannot be read, or is not within its bounds.
    """

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Takes empty variables away from what reads them; pydantic-settings calls it.

        Args:
            settings_cls: the class whose settings are read.
            init_settings: what was given by name; it comes first.
            env_settings: the variables of the environment.
            dotenv_settings: those of a ``.env`` file.
            file_secret_settings: the files of a folder of secrets.

        Returns:
            The sources, in the order in which they count.
        """
        for source in (env_settings, dotenv_settings):
            # That of a .env is a kind of it.
            if isinstance(source, EnvSettingsSource):
                source.env_vars = _filled(source.env_vars)
        return init_settings, env_settings, dotenv_settings, file_secret_settings


def _filled(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text for name, text in variables.items() if text and text.strip()}
