"""Zeebe's expression language: FEEL as feel-scala 1.17 evaluates it.

``compile_expression`` once, ``evaluate`` often. Everything that others use has its name here; the
rooms inside, each of which imports only those before it: `temporal`, the modules about values and
one evaluation, `builtins`, `grammar`, `compile`, and `evaluation` on top.
"""

from workflow_devkit.feel.builtins import BUILTINS
from workflow_devkit.feel.errors import FeelSyntaxError
from workflow_devkit.feel.evaluation import (
    CompiledExpression,
    Evaluation,
    compile_expression,
    evaluate,
    evaluate_unary_tests,
)
from workflow_devkit.feel.grammar import nodes
from workflow_devkit.feel.grammar.parser import parse, parse_unary_tests, parse_with_names
from workflow_devkit.feel.run import FeelWarning
from workflow_devkit.feel.temporal.calendar import (
    MAX_YEAR,
    days_in_month,
    from_epoch_day,
    to_epoch_day,
)
from workflow_devkit.feel.temporal.dates_and_times import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    add_months,
    add_nanos,
    parse_date,
    parse_date_time,
    parse_time,
)
from workflow_devkit.feel.temporal.durations import (
    DayTimeDuration,
    YearMonthDuration,
    parse_duration,
)
from workflow_devkit.feel.temporal.zones import MAX_OFFSET, find_zone
from workflow_devkit.feel.values import FeelFunction, FeelRange, to_json, type_name

__all__ = [
    "BUILTINS",
    "MAX_OFFSET",
    "MAX_YEAR",
    "CompiledExpression",
    "DayTimeDuration",
    "Evaluation",
    "FeelDate",
    "FeelDateTime",
    "FeelFunction",
    "FeelRange",
    "FeelSyntaxError",
    "FeelTime",
    "FeelWarning",
    "YearMonthDuration",
    "add_months",
    "add_nanos",
    "compile_expression",
    "days_in_month",
    "evaluate",
    "evaluate_unary_tests",
    "find_zone",
    "from_epoch_day",
    "nodes",
    "parse",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "parse_unary_tests",
    "parse_with_names",
    "to_epoch_day",
    "to_json",
    "type_name",
]
