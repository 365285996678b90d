"""Variables of the environment: an empty one is not set, a wrong one is named."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import AliasChoices, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from pydantic_settings.sources import EnvSettingsSource
from typing_extensions import override

from workflow_runtime.environment_text import is_quoted, meant
from workflow_runtime.errors import ConfigurationError

__all__ = ["AS_TEXT", "EnvironmentSettings", "variable_of"]

AS_TEXT: Final = "as text"
"""Marks a field whose variable is no JSON, although its type is a collection. There is ``NoDecode``
for it in pydantic-settings 2.7, which needs pydantic 2.7."""

_NO_JSON = re.compile(r'error parsing value for field "(\w+)"')


class EnvironmentSettings(BaseSettings):
    """Settings that take an empty variable for one that is not set.

    Templates of deployments write them: ``MAIL_RETRIES: ${MAIL_RETRIES:-}`` in a compose file, a
    key without a value in a ``.env``. Blanks alone are empty too, and quotes with nothing between
    them. Blanks and line ends around a value are no part of it: files of secrets often end with
    one. Everything else is as with ``pydantic_settings.BaseSettings``.

    Args:
        **values: fields that are not read but taken from here.

    Raises:
        ConfigurationError: a value cannot be read, or is not within its bounds; names each
            variable or argument and what is wrong with it, but shows no value.
    """

    def __init__(self, **values: Any) -> None:
        # By its alias: pydantic-settings before 2.7 lets a variable win over a field's own name.
        given = {_alias(type(self), name): value for name, value in values.items()}
        try:
            super().__init__(**given)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False)
            problems = [_problem(type(self), each, values) for each in found]
        except ValueError as error:  # SettingsError, which older versions do not export
            problems = [_unread(type(self), str(error))]
        else:
            return
        # Behind `except`: pydantic's own error has the values, which may be passwords.
        raise ConfigurationError(f"{type(self).__name__}: {'; '.join(problems)}")

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
                decode = _unless_text(source.decode_complex_value)
                source.decode_complex_value = decode  # type: ignore[method-assign] # made for us
        return init_settings, env_settings, dotenv_settings, file_secret_settings


def _filled(variables: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: meant(text) for name, text in variables.items() if text}
    return {name: text for name, text in given.items() if text}


def _alias(cls: type[BaseSettings], name: str) -> str:
    field = cls.model_fields.get(name)
    aliases = field.validation_alias if field else None
    first = aliases.choices[0] if isinstance(aliases, AliasChoices) else aliases
    return first if isinstance(first, str) else name


def _unless_text(decode: Callable[..., Any]) -> Callable[..., Any]:
    def decoded(name: str, field: FieldInfo, value: Any) -> Any:
        return value if AS_TEXT in field.metadata else decode(name, field, value)

    return decoded


def _problem(cls: type[BaseSettings], problem: Any, values: Mapping[str, Any]) -> str:
    place, text = problem["loc"], str(problem["msg"])
    if place:
        text = f"{_name(cls, place, values)}: {text}"
    if is_quoted(problem["input"]):
        text += "; leave the quotes out: they are part of the value"
    return text


def _name(cls: type[BaseSettings], place: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    first, *rest = map(str, place)
    name, _ = _field(cls, first)
    if name in values:
        return ".".join((name, *rest))
    between = cls.model_config.get("env_nested_delimiter")
    deeper = (f"{between}{each.upper()}" if between else f".{each}" for each in rest)
    return "".join((variable_of(cls, first), *deeper))


def variable_of(cls: type[BaseSettings], name: str) -> str:
    """Gives the variable of the environment that a field is read from.

    Args:
        cls: the settings.
        name: of the field, or the first of its variables.

    Returns:
        The first one that is set, else the first one.
    """
    _, variables = _field(cls, name)
    there = {each.upper() for each, text in os.environ.items() if meant(text)}
    return next((each for each in variables if each.upper() in there), variables[0])


def _field(cls: type[BaseSettings], place: str) -> tuple[str, list[str]]:
    """A field, which pydantic names by its first alias if it has one, and its variables."""
    for name, field in cls.model_fields.items():
        given = field.validation_alias
        aliases = given.choices if isinstance(given, AliasChoices) else [given]
        names = [each for each in aliases if isinstance(each, str)]
        if place in {name, *names}:
            return name, names or [f"{cls.model_config.get('env_prefix', '')}{name}".upper()]
    return place, [place]


def _unread(cls: type[BaseSettings], text: str) -> str:
    found = _NO_JSON.match(text)
    if found is None:
        return text
    return f'{_name(cls, (found[1],), {})}: it has to be JSON, such as ["a", "b"] or {{"a": 1}}'
