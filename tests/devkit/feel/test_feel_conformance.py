"""The half of the DMN TCK that Camunda's own engine passes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.support import foreign as others

from workflow_devkit.feel import (
    FeelSyntaxError,
    evaluate,
    parse_date,
    parse_date_time,
    parse_duration,
    parse_time,
    to_json,
)

CASES = "feel-tck/cases.jsonl"

READERS = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


def decode(value: Any) -> Any:
    if isinstance(value, dict) and "$type" in value:
        return READERS[value["$type"]](value["$value"])
    if isinstance(value, dict):
        return {key: decode(item) for key, item in value.items()}
    return [decode(item) for item in value] if isinstance(value, list) else value


def comparable(value: Any) -> Any:
    """Numbers as floats rounded to the tolerance, moments as what they mean."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal):
        return float(f"{value:.8e}")
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    return type(value).__name__, getattr(value, "utc_nanos", value), getattr(value, "zone", None)


@pytest.fixture(scope="module")
def tck(foreign) -> dict[str, Any]:
    """The cases by their names."""
    lines = foreign(CASES).read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


@pytest.mark.parametrize("name", others.LISTED[CASES]["cases"])
def test_the_tck_gets_the_answer_that_it_expects(tck, name):
    case = tck[name]
    expected = decode(case["expected"])
    reader = READERS.get(case["expected_type"])
    if reader is not None and isinstance(expected, str):
        expected = reader(expected)
    try:
        found = evaluate(case["expression"], decode(case["variables"])).value
    except FeelSyntaxError:
        found = None
    to_json(found)
    assert comparable(found) == comparable(expected)
    assert isinstance(found, bool) == isinstance(expected, bool)
