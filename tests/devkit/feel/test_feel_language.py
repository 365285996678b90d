"""What the language and its Python front promise, one sentence a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from workflow_devkit.feel import (
    FeelSyntaxError,
    FeelWarning,
    compile_expression,
    evaluate,
    evaluate_unary_tests,
    parse,
    parse_date_time,
    parse_duration,
    to_json,
)


def value(expression: str, **variables: object) -> object:
    return evaluate(expression, variables).value


def json_of(expression: str, **variables: object) -> object:
    return to_json(value(expression, **variables))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 3 * 3", Decimal("0.9999999999999999999999999999999999")),
        ("10 / 4", Decimal("2.5")),
        ("2 ** 10", 1024),
        ("-2 ** 2", 4),
        ("2 + 3 * 4", 14),
        ('"a" + "b"', "ab"),
        ("1 between 0 and 2", True),
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("5 in (< 3, > 4)", True),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[{a: 1}, {a: 2}][a = 2].a", [2]),
        ("{a: 1, b: a + 1}.b", 2),
        ("for x in 1..3, y in [10] return x * y", [10, 20, 30]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [] satisfies x", True),
        ("{f: function(x, y) x - y, r: f(y: 1, x: 3)}.r", 2),
        ("sort([3, 1, 2], function(a, b) a < b)", [1, 2, 3]),
        ('`odd name` + {"another one": 2}.`another one`', 3),
        ("1 // a comment\n + /* another */ 1", 2),
        ("string([1, null, {a: true}])", "[1, null, {a:true}]"),
        ('"a\\sb\\d"', "a b\\d"),
        ("[1, 2][1.5]", 1),
        ("remove([1, 2, 3], -1)", [1, 2]),
        ("0 ** 0", 1),
        ("string(decimal(2, 3))", "2.000"),
        ("duplicate values([1, 2, 3, 2, 1])", [1, 2]),
        ("{f: function(x) f(x), r: f(1)}.r", None),
        ("{f: function(x) x, g: function(h) h(1), r: g(f)}.r", None),
        ("{f: function(x) x, g: function(y) f(y) + 1, r: g(1)}.r", 2),
        ('@"2024-01-01T10:00:00Z" < @"2024-01-01T11:00:00+01:00"', True),
        ('date and time("2024-02-29T24:00:00")', None),
        ("5 in (? > 3)", True),
        ("5 in (? > 7)", False),
        ('"b" in ["a".."c"]', True),
        ("true in true", True),
        ('date("2024-02-30")', None),
        ('number("a")', None),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('matches("\u00e9", "\\w")', False),
        ("get or else(null, 1)", 1),
        ('substring(string: "foobar", start position: 3)', "obar"),
    ],
)
def test_an_expression_gives_its_value(expression, expected):
    assert value(expression, **{"odd name": 1}) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("true or null", True),
        ("false or null", None),
        ("null and false", False),
        ("null and true", None),
        ("not(null)", None),
        ("null = null", True),
        ("missing = null", True),
        ("missing > 1", None),
        ('1 = "1"', None),
        ("is defined(missing)", False),
        ("if null then 1 else 2", 2),
    ],
)
def test_null_is_a_third_truth_value(expression, expected):
    assert value(expression) is expected or value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('@"2024-01-31" + @"P1M"', "2024-02-29"),
        ('@"2024-03-01" - @"2024-02-01"', "PT696H"),
        ('@"2024-03-31T01:30:00@Europe/Paris" + @"PT1H"', "2024-03-31T03:30+02:00[Europe/Paris]"),
        ('@"10:00:00Z" - @"11:00:00+01:00"', "PT0S"),
        ('duration("P1Y2M") * 2', "P2Y4M"),
        ('duration("P5M") * -1', "P-5M"),
        ('@"-PT1H30M"', "PT-1H-30M"),
        ('@"2024-01-01T10:30:00.5Z"', "2024-01-01T10:30:00.500Z"),
        ('@"10:30:00"', "10:30"),
        ('@"10:00:00Z" - @"12:00:00Z"', "PT2H"),
        ('date(date and time("2024-02-29T10:00:00Z"))', "2024-02-29"),
        ('time(10, 30, 0, @"PT2H")', "10:30:00+02:00"),
        ('years and months duration(@"2020-01-31", @"2021-03-01")', "P1Y1M"),
        ('last day of month(@"2024-02-01")', "2024-02-29"),
        ('@"2024-02-29".weekday', 4),
        ('day of week(@"2024-02-29")', "Thursday"),
        ('cycle(@"PT10S")', "R/PT10S"),
        ('cycle(3, @"P1D")', "R3/PT24H"),
    ],
)
def test_times_and_durations_leave_as_iso_text(expression, expected):
    assert json_of(expression) == expected


def test_now_and_today_follow_the_clock_that_is_given():
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    expression = compile_expression("[now(), today()]")
    found = to_json(expression.evaluate({}, clock=lambda: moment).value)
    assert found == ["2031-05-06T07:08:09Z", "2031-05-06"]


def test_numbers_leave_as_int_where_they_are_whole():
    assert json_of("[1.50 + 0.50, 2.5, 10 / 5]") == [2, 2.5, 2]
    assert isinstance(json_of("1.5 + 0.5"), int)


def test_functions_do_not_leave_with_a_context():
    assert json_of("{f: function(x) x, a: 1}") == {"a": 1}


def test_floats_come_in_as_what_they_show():
    assert value("x + 0.2 = 0.3", x=0.1) is True
    assert value("items[1] * 3 = 0.3", items=[0.1]) is True


class Scopes(Mapping):
    """A scope chain as the engine has it: names are looked up one by one."""

    def __init__(self, values):
        self.values_by_name = values
        self.asked = []

    def __getitem__(self, name: str):
        self.asked.append(name)
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("never listed")

    def __len__(self) -> int:
        raise AssertionError("never counted")


def test_only_the_variables_that_are_used_are_looked_up():
    scopes = Scopes({"a": 1, "b": {"c": 2}, "unused": 3})
    assert evaluate("a + b.c", scopes).value == 3
    assert scopes.asked == ["a", "b"]


def test_the_names_of_free_variables_are_known():
    source = "a + sum(for x in xs return x + y) + {k: z, l: k}.l + `b c` + q[item > w and v].u"
    assert compile_expression(source).names == {"a", "xs", "y", "z", "b c", "q", "w", "v"}


def test_an_expression_knows_its_source():
    assert compile_expression("1 + 1").source == "1 + 1"
    assert compile_expression("1 + 1") is compile_expression("1 + 1")


def test_warnings_have_the_words_of_the_real_engine():
    evaluation = evaluate("x > 1", {})
    assert evaluation.warnings == (
        "No variable found with name 'x'",
        "Can't compare 'null' with '1'",
    )
    assert isinstance(evaluation.warnings[0], FeelWarning)
    assert evaluation.warnings[0].kind == "NO_VARIABLE_FOUND"


def test_a_failed_assertion_is_a_failure_and_not_just_null():
    evaluation = evaluate("assert(x, x != null)", {})
    assert evaluation.value is None
    assert evaluation.failure is not None
    assert "The condition is not fulfilled" in evaluation.failure


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("modulo(1, 0)", "Division by zero"),
        ('substring("abc", 5, 1)', "begin 4, end 3, length 3"),
        ('@"2024-01-01" + duration("P999999999Y")', "there is no date"),
        ("log(-1)", "NumberFormatException: the result is not a number that can be written"),
        ("exp(10000)", "NumberFormatException: the result is not a number that can be written"),
        (
            'date and time(@"2024-01-01T00:00:00", "")',
            "Exception: there is no time zone ''",
        ),
        ("? > 5", "No input value available"),
        ("{f: 1, g: f.h(2)}.g", "Expected context"),
    ],
)
def test_where_the_real_engine_gives_up_there_is_a_failure_with_its_reason(expression, message):
    evaluation = evaluate(expression, {})
    assert evaluation.value is None
    assert message in str(evaluation.failure)


def test_no_failure_has_the_text_of_an_error_of_python():
    variables = {"large": 10**5000, "small": Decimal("1E-999999")}
    for expression in ("sqrt(large)", 'duration("P1Y") / small'):
        failure = evaluate(expression, variables).failure
        assert str(failure).endswith(": the result is not a number that can be written")


def test_a_number_is_written_however_many_digits_it_has():
    digits = "1" + "0" * 5000
    assert evaluate("string(x)", {"x": 10**5000}).value == digits
    assert evaluate("x and true", {"x": 10**5000}).warnings == (
        f"Expected boolean but found '{digits}'",
    )


def test_what_is_given_up_is_told_without_the_text_of_an_error_of_python():
    evaluation = evaluate("x < y", {"x": Decimal("sNaN"), "y": Decimal(1)})
    assert evaluation.warnings == (
        "the evaluation was given up: a value in it cannot be worked with",
    )


def test_what_is_no_list_gives_null_and_a_warning_where_a_list_must_be():
    for expression in ("for x in 5 return x", "5[1]", "some x in 5 satisfies x", "5[item > 1]"):
        evaluation = evaluate(expression, {})
        assert (evaluation.value, evaluation.failure) == (None, None)
        assert evaluation.warnings == ("Expected list but found '5'",)


def test_a_whole_number_beyond_64_bits_leaves_as_zeebe_stores_it():
    assert value("10 ** 20") == 10**20
    assert json_of("10 ** 20") == 7766279631452241920


@pytest.mark.parametrize(
    ("expression", "line", "column", "message"),
    [
        ("1 +", 1, 4, "expected a value"),
        ("a\n  + )", 2, 5, "expected a value, but found ')'"),
        ('"abc', 1, 1, "does not end"),
        ("1 < 2 < 3", 1, 7, "'and' or 'or' after a comparison"),
        ("if true then 1", 1, 15, "expected 'else'"),
        ("[1, 2", 1, 6, "expected ']'"),
        ("for x in", 1, 9, "expected a value"),
        ("a b", 1, 3, "expected an operator"),
        ("#", 1, 1, "unexpected character '#'"),
        ("", 1, 1, "expected a value"),
        ("1 /* 2", 1, 3, "comment"),
        ("a == 1", 1, 4, "expected a value, but found '='"),
        ("a <> 1", 1, 4, "expected a value, but found '>'"),
        ("a && b", 1, 3, "unexpected character '&'"),
    ],
)
def test_a_syntax_error_names_line_column_and_what_was_expected(expression, line, column, message):
    with pytest.raises(FeelSyntaxError) as caught:
        parse(expression)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("tests", "subject", "expected"),
    [
        ("< 5", 3, True),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ("[1..3], > 9", 10, True),
        ("-", None, True),
        ("? > 2 and ? < 4", 3, True),
        ("null", None, True),
    ],
)
def test_unary_tests_are_about_their_subject(tests, subject, expected):
    assert evaluate_unary_tests(tests, subject, {}).value is expected


@pytest.mark.parametrize("text", ["10s", "P1Y2DT3H", "P2W", "PT", "P"])
def test_a_duration_has_months_or_days_and_time_and_no_weeks(text):
    with pytest.raises(ValueError, match=f"'{text}' is not a duration of FEEL such as PT15M"):
        parse_duration(text)


def test_a_date_time_becomes_the_standard_librarys():
    assert parse_date_time("2024-07-01T12:00:00@Europe/Paris").to_datetime() == datetime(
        2024, 7, 1, 10, tzinfo=UTC
    )
    assert parse_date_time("2024-07-01T12:00:00").to_datetime().tzinfo is UTC


def test_a_long_chain_of_else_if_is_flat():
    chain = " ".join(f"if x = {number} then {number} else" for number in range(3000))
    assert value(f"{chain} -1", x=2999) == 2999
