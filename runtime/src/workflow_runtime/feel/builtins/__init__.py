"""The built-in functions by name; each has one signature or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_runtime.feel.builtins.boolean import BOOLEAN
from workflow_runtime.feel.builtins.signature import Builtin


def _by_name(*families: tuple[Builtin, ...]) -> Mapping[str, tuple[Builtin, ...]]:
    found: dict[str, tuple[Builtin, ...]] = {}
    for family in families:
        for builtin in family:
            found[builtin.name] = (*found.get(builtin.name, ()), builtin)
    return found


BUILTINS: Final = _by_name(BOOLEAN)
