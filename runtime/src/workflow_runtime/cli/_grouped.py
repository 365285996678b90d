"""Options that several verbs take together: a dataclass whose fields are the options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

__all__ = ["grouped"]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Lets typer see the fields of a parameter instead of the parameter.

    Args:
        command: a function with parameters whose type is a dataclass; its fields are annotated as
            typer's options are.

    Returns:
        The function as typer calls it, with the value of each option by name.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}

    @functools.wraps(command)
    def called(**values: Any) -> None:
        for name, kind in groups.items():
            own = {each.name: values.pop(each.name) for each in fields(kind)}
            values[name] = kind(**own)
        command(**values)

    # typer reads the signature, and takes this one before that of the wrapped function.
    options: list[Parameter] = []
    for name, parameter in signature(command).parameters.items():
        own = (
            _options(groups[name])
            if name in groups
            else [_option(name, hints[name], parameter.default)]
        )
        options += own
    called.__signature__ = Signature(options)  # type: ignore[attr-defined] # functions may have one
    return called


def _options(group: Any) -> Iterator[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for each in fields(group):
        default = Parameter.empty if each.default is MISSING else each.default
        yield _option(each.name, hints[each.name], default)


def _option(name: str, hint: Any, default: Any) -> Parameter:
    # By name, because one without a default may follow one that has it.
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
