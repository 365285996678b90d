"""Which version of Zeebe brought what: the one place in the code where versions stand.

Names that are in no table have been there since `OLDEST` or before; so have all commands of the
gateway that are called or answered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Version(NamedTuple):
    """A minor version of Zeebe, or of Camunda 8, which counts the same."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def read(cls, text: str) -> Version | None:
        """The minor version in a text such as ``8.5.8-rc1``; None where there is none."""
        numbers = text.split("-", maxsplit=1)[0].split(".")[:2]
        if len(numbers) != len(cls._fields) or not all(map(str.isdecimal, numbers)):
            return None
        return cls(*map(int, numbers))


OLDEST: Final = Version(8, 4)
"""The oldest broker that a service may run on; lint warns of what it does not have."""
EMBEDDED: Final = "8.4.1"
"""What the gateway of the embedded engine calls itself."""
START_INSTRUCTIONS: Final = Version(8, 1)
"""The first that heeds at which elements an instance is to be started; older ones start it."""
WITHOUT_GRPC: Final = Version(8, 10)
"""The first whose gateway has gRPC switched off, unless it is configured."""

ELEMENTS: Final[Mapping[str, Version]] = {
    "compensateEventDefinition": Version(8, 5),
    "adHocSubProcess": Version(8, 7),
    "conditionalEventDefinition": Version(8, 9),
}
"""Since when an element or event definition is run, by its tag."""
EXTENSIONS: Final[Mapping[str, Version]] = {
    "userTask": Version(8, 5),
    "executionListener": Version(8, 6),
}
"""Since when an element of the ``zeebe:`` namespace is heeded."""
FUNCTIONS: Final[Mapping[str, Version]] = {
    "is empty": Version(8, 6),
    "to base64": Version(8, 6),
    "trim": Version(8, 6),
    "uuid": Version(8, 6),
    "partition": Version(8, 7),
    "fromAi": Version(8, 8),
    "is blank": Version(8, 8),
    "from base64": Version(8, 9),
    "from json": Version(8, 9),
    "to json": Version(8, 9),
}
"""Since when there is a FEEL function (documentation of Camunda: FEEL built-in functions)."""
