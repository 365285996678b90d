"""What goes wrong with an expression before it can be evaluated."""

from __future__ import annotations

from workflow_runtime.errors import ConfigurationError


class FeelSyntaxError(ConfigurationError):
    """The text is not a FEEL expression.

    ``line`` and ``column`` (both from 1) tell where; ``message`` tells what was expected.
    """

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"FEEL, line {line}, column {column}: {message}")
        self.line = line
        self.column = column
        self.message = message


def syntax_error(source: str, position: int, message: str) -> FeelSyntaxError:
    """Make the error of a place in an expression, which it names by line and column."""
    line = source.count("\n", 0, position) + 1
    column = position - source.rfind("\n", 0, position)
    return FeelSyntaxError(line, column, message)
