"""The built-in functions by name; each has one signature or several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.feel.builtins.boolean import BOOLEAN
from workflow_devkit.feel.builtins.context import CONTEXT
from workflow_devkit.feel.builtins.conversion import CONVERSION
from workflow_devkit.feel.builtins.lists import LISTS
from workflow_devkit.feel.builtins.numeric import NUMERIC
from workflow_devkit.feel.builtins.ranges import RANGES
from workflow_devkit.feel.builtins.regexes import REGEXES
from workflow_devkit.feel.builtins.signature import Builtin
from workflow_devkit.feel.builtins.statistics import STATISTICS
from workflow_devkit.feel.builtins.strings import STRINGS
from workflow_devkit.feel.builtins.temporal import TEMPORAL


def _by_name(*families: tuple[Builtin, ...]) -> Mapping[str, tuple[Builtin, ...]]:
    found: dict[str, tuple[Builtin, ...]] = {}
    for family in families:
        # Their order counts: a call takes the first signature that fits.
        for builtin in family:
            found[builtin.name] = (*found.get(builtin.name, ()), builtin)
    return found


BUILTINS: Final = _by_name(
    BOOLEAN,
    CONTEXT,
    CONVERSION,
    LISTS,
    NUMERIC,
    RANGES,
    REGEXES,
    STATISTICS,
    STRINGS,
    TEMPORAL,
)
"""Every function of the oldest broker that is supported, and Zeebe's ``cycle``."""
