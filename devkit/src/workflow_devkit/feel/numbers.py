"""Numbers: ``int`` or ``Decimal``, which Java cuts to 32 or 64 bits here and there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

Number = int | Decimal

_INT: Final = 2**31
_LONG: Final = 2**63


def is_number(value: Any) -> bool:
    """Tell a number from a boolean and everything else."""
    kind = type(value)
    return kind is int or kind is Decimal


def java_int(number: Any) -> int:
    """Give the whole part of a number in 32 bits."""
    # As `BigDecimal.intValue`, which keeps the lowest bits: 2**31 becomes -2**31.
    return (int(number) + _INT) % (2 * _INT) - _INT


def number_to_json(number: Number) -> int | float:
    """Give an int where the number is whole, else the nearest float.

    Of a whole number beyond 64 bits the lowest 64 are left, as where Zeebe stores it.
    """
    if number != int(number):
        return float(number)
    # `FeelToMessagePackTransformer` writes a Java long (semantics#values-as-json).
    return (int(number) + _LONG) % (2 * _LONG) - _LONG
