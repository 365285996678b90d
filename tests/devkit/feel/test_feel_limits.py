"""No expression runs for ever, eats memory without bound or raises at evaluation."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from workflow_devkit.feel import (
    Evaluation,
    FeelSyntaxError,
    compile_expression,
    evaluate,
    evaluate_unary_tests,
    nodes,
    parse,
    parse_unary_tests,
    parse_with_names,
    to_json,
)

DOUBLING = "for i in 1..60 return if i = 1 then {seed} else {step}"


def warned(expression: str) -> str:
    started = time.process_time()
    evaluation = evaluate(expression, {})
    assert time.process_time() - started < 10
    assert evaluation.value is None
    return " ".join(evaluation.warnings)


@pytest.mark.parametrize("operator", ["+", "and", "or", "*"])
def test_a_chain_of_five_thousand_operators_is_no_problem(operator):
    operand = "1" if operator in "+*" else "true"
    expected = {"+": 5000, "*": 1}.get(operator, True)
    assert evaluate(f" {operator} ".join([operand] * 5000), {}).value == expected


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ("(", ")"), ("{a:", "}"), ("abs(", ")")])
def test_several_hundred_levels_of_nesting_are_no_problem(start, end):
    expression = compile_expression(start * 250 + "1" + end * 250)
    assert expression.evaluate({}).value is not None


@pytest.mark.parametrize("start", ["[", "(", "{a:", "f(", "if ", "- ", "not(", "x[", "for x in "])
@pytest.mark.slow
def test_nesting_without_end_is_a_syntax_error(start):
    with pytest.raises(FeelSyntaxError, match=r"nested|expected|found"):
        parse(start * 100_000)
    with pytest.raises(FeelSyntaxError):
        parse(start * 5_000 + "1")


@pytest.mark.parametrize("piece", ['"\\', "`", "/* ", '@"\\'])
def test_what_does_not_end_is_refused_in_time_in_proportion_to_its_length(piece):
    # By its square, the longest that is taken would need an hour.
    with pytest.raises(FeelSyntaxError, match=r"does not end|unexpected character"):
        parse("1 + " + piece * 199_999)


def test_too_deep_nesting_is_named_as_what_it_is():
    with pytest.raises(FeelSyntaxError, match="too deeply nested"):
        parse("[" * 2000 + "]" * 2000)


DEEP = "[" * 290 + "1" + "]" * 290
DEEP_VALUE = to_json(evaluate(DEEP, {}).value)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda: type(parse(DEEP)), nodes.ListLiteral),
        (lambda: parse_with_names(DEEP)[1], frozenset()),
        (lambda: parse_unary_tests(DEEP) is not None, True),
        (lambda: compile_expression(DEEP + " ").names, frozenset()),
        (lambda: evaluate(DEEP, {}), Evaluation(DEEP_VALUE)),
        (lambda: evaluate("x = x", {"x": DEEP_VALUE}), Evaluation(True)),
        (lambda: evaluate_unary_tests(DEEP, DEEP_VALUE, {}), Evaluation(True)),
        (lambda: evaluate_unary_tests("? = ?", DEEP_VALUE, {}), Evaluation(True)),
        (lambda: to_json(DEEP_VALUE), DEEP_VALUE),
    ],
)
@pytest.mark.parametrize("frames", [0, 700, 850])
def test_a_caller_deep_in_calls_of_its_own_gets_the_same_answer(ask, answer, frames):
    def below(frames):
        return below(frames - 1) if frames else ask()

    # In a thread of its own, whose stack is empty: pytest itself is some dozen calls deep.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(below, frames).result() == answer


def test_a_huge_range_is_stopped():
    assert "limit" in warned("for i in 1..10**12 return i")
    assert "limit" in warned("count(for i in 1..10**30 return i)")


@pytest.mark.slow
def test_nested_loops_are_stopped():
    loops = ", ".join(f"x{number} in 1..1000" for number in range(6))
    assert "limit" in warned(f"for {loops} return 1")
    assert "limit" in warned(f"every {loops} satisfies true")


def test_a_text_that_doubles_is_stopped():
    step = "partial[-1] + partial[-1]"
    assert "limit" in warned(DOUBLING.format(seed='"x"', step=step))


def test_a_list_that_doubles_is_stopped():
    step = "concatenate(partial[-1], partial[-1])"
    assert "limit" in warned(DOUBLING.format(seed="[1]", step=step))


@pytest.mark.slow
def test_a_value_that_shares_its_parts_is_stopped_before_it_is_written_out():
    shared = DOUBLING.format(seed="[1]", step="[partial[-1], partial[-1]]")
    assert "limit" in warned(shared)
    assert "limit" in warned(f"string({shared})")
    assert "limit" in warned(f"flatten({shared})")
    assert "limit" in warned(f"distinct values({shared})")
    assert "limit" in warned(f"({shared}) = ({shared})")
    assert "a list of 60 elements" in warned(f"{{a: {shared}}}.a + 1")


@pytest.mark.slow
def test_functions_cannot_call_themselves_and_chains_of_calls_that_double_are_stopped():
    assert "No function found" in warned("{f: function(g) g(g), r: f(1)}.r")
    assert "No function found" in warned("{f: function(x) f(x), r: f(1)}.r")
    doubling = ", ".join(f"f{n + 1}: function(x) f{n}(f{n}(x))" for n in range(40))
    assert "limit" in warned(f"{{f0: function(x) x, {doubling}, r: f40(1)}}.r")


def test_a_result_that_nests_without_end_is_stopped():
    path = "for i in 1..100000 return string(i)"
    assert "limit of 300 levels" in warned(f"context put({{}}, {path}, 1)")
    nested = "for i in 1..290 return if i = 1 then [1] else [partial[-1]]"
    assert to_json(evaluate(f"({nested})[-1]", {}).value) is not None


@pytest.mark.parametrize("function", ["sqrt", "log", "exp"])
def test_what_no_float_can_hold_is_a_failure(function):
    assert evaluate(f"{function}(10 ** 6000)", {}).failure is not None


def test_growing_numbers_stay_small():
    assert "limit" in warned("9 ** 999999999") or evaluate("9 ** 999999999", {}).value is None
    step = "partial[-1] * partial[-1]"
    assert "number" in str(evaluate(DOUBLING.format(seed="10", step=step), {}).failure)


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y|(a|a)*c"],
)
@pytest.mark.slow
def test_a_pattern_that_explodes_is_stopped(pattern):
    started = time.process_time()
    evaluation = evaluate("matches(text, pattern)", {"text": "a" * 5000 + "!", "pattern": pattern})
    assert time.process_time() - started < 5
    assert evaluation.value is not True


@pytest.mark.parametrize(
    "pattern", ["(((a{1000}){1000}){1000}){1000}", "a{9999999}", "(a{500}){500}"]
)
def test_a_pattern_that_would_grow_is_refused(pattern):
    evaluation = evaluate("matches(text, pattern)", {"text": "a", "pattern": pattern})
    assert "limit" in " ".join(evaluation.warnings)


@pytest.mark.slow
def test_the_time_for_patterns_is_shared_by_one_evaluation():
    started = time.process_time()
    assert "limit" in " ".join(
        evaluate(
            "for i in 1..1000 return matches(text, pattern)",
            {"text": "a" * 5000 + "!", "pattern": "(a|aa)+$"},
        ).warnings
    )
    assert time.process_time() - started < 10
