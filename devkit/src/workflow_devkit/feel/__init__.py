"""Zeebe's expression language: FEEL as feel-scala 1.17 evaluates it.

``compile_expression`` once, ``evaluate`` often; see docs/reference/feel.md.
"""

from workflow_devkit.feel.durations import (
    DayTimeDuration,
    YearMonthDuration,
    parse_duration,
)
from workflow_devkit.feel.errors import FeelSyntaxError
from workflow_devkit.feel.evaluation import (
    CompiledExpression,
    Evaluation,
    compile_expression,
    evaluate,
    evaluate_unary_tests,
)
from workflow_devkit.feel.parser import parse, parse_unary_tests
from workflow_devkit.feel.run import FeelWarning
from workflow_devkit.feel.temporal import (
    FeelDate,
    FeelDateTime,
    FeelTime,
    add_months,
    add_nanos,
    parse_date,
    parse_date_time,
    parse_time,
)
from workflow_devkit.feel.values import FeelFunction, FeelRange, to_json, type_name

__all__ = [
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
    "evaluate",
    "evaluate_unary_tests",
    "parse",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "parse_unary_tests",
    "to_json",
    "type_name",
]
