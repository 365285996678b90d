"""Corners of the grammar and the functions, each as feel-scala 1.17.8 answers."""

import pytest

from workflow_devkit.feel import FeelSyntaxError, evaluate, evaluate_unary_tests, parse, to_json

VARIABLES = {
    "age": 30,
    "ok": True,
    "no": False,
    "name": "Пётр",
    "user": {"addr": {"zip": "101000"}},
    "items": [{"qty": 2}],
}


def value(expression):
    return to_json(evaluate(expression, VARIABLES).value)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("age in [18..65] and ok", True),
        ("age in [18..65] and no", False),
        ("age in (18..65) or no", True),
        ("age in ]18..65[ and no", False),
        ("age in < 5 or ok", True),
        ("age in < 5 + 100 and no", False),
        ("not(age in [18..65] and no)", True),
        ("age in (< 50 and ok)", True),
        ("age in (18, 30) and no", False),
        ("age in ([18..65]) and no", False),
        ("age in [18, 30] and no", None),
        ("age in 30 and no", None),
        ("age in (< 50 and ok) and no", None),
        ("age in ((< 5)) and no", False),
        ("5 in (function(x) x)", None),
    ],
)
def test_a_range_or_a_comparison_after_in_ends_before_and_and_or(expression, answer):
    assert value(expression) is answer


@pytest.mark.parametrize(
    "expression",
    [
        "age in < 5 = false",
        "age in [18..65] + 1",
        "age in (30) + 1",
        "age in (7, < 50 and ok)",
        "[1..3] = age",
        "-[1..3]",
        "[1..3].start",
        "[1..3][1]",
        "for x in [1..3] return x",
        "for x in items + items return x",
        "some x in -age satisfies x",
        "for x in - 5 return x",
        "[ok and no..5]",
        "[if ok then 1 else 2..5]",
        "--age",
        "---5",
        "age instance of null",
        "age instance of list<number>",
        "age instance of day-time-duration",
        "f(1)(2)",
        "(function(x) x)(1)",
        "{f: function(x) x}.f(1)",
        "(user).f(1)",
        "true()",
    ],
)
def test_what_the_real_parser_refuses_is_refused(expression):
    with pytest.raises(FeelSyntaxError):
        parse(expression)


@pytest.mark.parametrize("tests", ["[18..65] and ok", "< 50 and ok", "< 5 or ok", "[18..65].start"])
def test_a_range_or_a_comparison_is_a_whole_unary_test(tests):
    with pytest.raises(FeelSyntaxError):
        evaluate_unary_tests(tests, 30, VARIABLES)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("--5", 5),
        ("5 - -age", 35),
        ("1 instance of date and ok", False),
        ('@"P1D" instance of days and time duration', True),
        ("1 instance of number.x", False),
        ("(function(x) x) instance of function", True),
        ('@"P45D" / 1', "PT-113H-2M-47.296S"),
        ("ceiling(-0.5)", 0),
        ("string(modulo(3, -.25))", "0.00"),
        ("string(0.0 ** 2)", "0.00"),
        ("string(round half up(-0.4, 0))", "0"),
        ("for x in -1..1 return x", [-1, 0, 1]),
        ("for x in -1[1] return x", None),
        (
            'string(date and time("1500-01-01T01:30:00@Europe/Paris"))',
            "1500-01-01T01:30:00+00:09:21@Europe/Paris",
        ),
        ("includes([3..1], 3)", True),
        ("includes((3..3], 3)", True),
        ("max([[1]])", [1]),
        ("sort([[1], [2]], function(x, y) x < y)", None),
    ],
)
def test_values_at_the_edge(expression, answer):
    assert value(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        (r'matches(name, "^\p{L}+$")', True),
        (r'matches(name, "^\p{Lu}\p{Ll}+$")', True),
        (r'matches(name, "\p{IsCyrillic}")', True),
        (r'matches(name, "\p{InCyrillic}")', True),
        (r'matches(name, "\p{script=Cyrillic}")', True),
        (r'matches(name, "\P{L}")', False),
        (r'matches(name, "\pL")', True),
        (r'matches(name, "\p{Alpha}")', False),
        (r'matches(name, "^[\P{Alpha}]+$")', True),
        (r'matches("x", "[\P{Alpha}]")', False),
        (r'matches(name, "\p{L}|\w")', True),
        (r'matches("ж", "\w|\p{Sc}|\d")', False),
        (r'matches("a ж", "\b\p{L}$|\p{Sc}")', False),
        (r'matches(name, "\p{lu}")', None),
        (r'matches(name, "\p{Cyrillic}")', None),
        (r'matches(name, "\p")', None),
        (r'matches("Aa", "\p{Lu}\p{javaLowerCase}")', True),
        (r'matches("!", "\p{IsPunctuation}")', True),
        (r'extract("Пётр Иванов, 1 x2", "\p{L}+")', ["Пётр", "Иванов", "x"]),
        (r'split("Пётр Иванов", "\P{L}+")', ["Пётр", "Иванов"]),
        (r'replace("Пётр Иванов", "\p{Lu}", "[$0]")', "[П]ётр [И]ванов"),
        ('replace("foo", "^a", "$1")', "foo"),
        ('replace("foo", "o", "$1")', None),
        ('matches("", "^$")', True),
        ('matches("", "^$", "m")', False),
        (r'replace("a\n", "^", "x", "m")', "xa\n"),
    ],
)
def test_patterns_mean_what_they_mean_in_java(expression, answer):
    assert value(expression) == answer


def test_what_stands_before_between_warns_once_for_each_end():
    told = evaluate("missing between -1 and 65", {}).warnings
    assert told.count("No variable found with name 'missing'") == 2


def test_loops_look_at_all_their_lists_before_they_complain():
    told = evaluate("for x in a, y in b return x", {}).warnings
    assert [str(warning)[:8] for warning in told] == [
        "No varia",
        "No varia",
        "Expected",
        "Expected",
    ]


def test_a_replacement_is_looked_at_before_the_pattern():
    (told,) = evaluate('replace("a", "+", 1)', {}).warnings
    assert "Illegal arguments" in told


@pytest.mark.parametrize(
    "key", ["🐎", "🐎 x", "how_are_you?", "a?b", "it's", "a#b", "a(b", "a<b", ".."]
)
def test_a_key_is_any_text_without_brackets_quotes_and_separators(key):
    assert value(f"{{{key}: 1}}") == {key: 1}
    assert value(f"{{{key}: 1}}.`{key}`") == 1


@pytest.mark.parametrize("key", ["", "a[b", "a]b", "a{b", "a,b", 'a"b', "a`b", "a /* b"])
def test_other_keys_are_refused(key):
    with pytest.raises(FeelSyntaxError):
        parse(f"{{{key}: 1}}")


@pytest.mark.parametrize("word", ["null", "true", "in", "function", "and", "or", "then", "return"])
def test_words_of_the_language_are_no_names(word):
    assert value(f"{{{word}: 1}}.`{word}`") == 1
    for expression in (f"{{{word}: 1}}.{word}", f"function({word}) 1", f"f({word}: 1)"):
        with pytest.raises(FeelSyntaxError):
            parse(expression)


@pytest.mark.parametrize("word", ["between", "instance", "if", "for", "not"])
def test_other_words_are_names_too(word):
    assert value(f"{{{word}: 1}}.{word}") == 1
    assert evaluate(f"{word} + 1", {word: 5}).value == 6


def test_parameters_of_functions_have_no_types():
    with pytest.raises(FeelSyntaxError):
        parse("function(x: number) x")


def test_texts_are_joined_without_prefix_and_suffix_if_both_are_null():
    assert value('string join(["a", "b"], ",", null, null)') == "a,b"
    assert value('string join(["a", "b"], ",", null, "x")') is None


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ('matches("", "^$", "m")', False),
        ('matches("\n", "^$", "m")', True),
        ('replace("a\nb\n", "^", "-", "m")', "-a\n-b\n"),
        ('replace("a\rb", "$", "-", "m")', "a-\rb-"),
        ('replace("a\r\nb", "$", "-", "m")', "a-\r\nb-"),
        ('matches("", "(?m)^$")', False),
        ('matches("a\r\n", "a$")', True),
        ('matches("a\r\n", "a\\Z")', True),
        ('matches("a\u2028b", "a.b")', False),
        ('matches("a\r", "a.")', False),
        ('matches("a\r", "a.", "s")', True),
        ('matches("a\nb", "(?s:a.)b")', True),
        ('matches("a\nb", "(?s:a)(?-s:.)b")', False),
        ('matches("a\nb", "([.])|(?s)a.b")', True),
    ],
)
def test_lines_in_patterns_end_as_in_java(expression, answer):
    assert value(expression) == answer


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"\x{41}", ["A"]),
        (r"\cI", ["\t"]),
        (r"\h", ["\t", "\xa0"]),
        (r"[\V]", ["A", "\t", "\xa0", "Ж", "b"]),
        (r"(?iu)ж", ["Ж"]),
        (r"(?i)ж", []),
        (r"(?<x>b)|\k<x>", ["b"]),
    ],
)
def test_what_java_writes_in_patterns(pattern, found):
    assert value(f'extract("A\t\xa0Жb", "{pattern}")') == found


@pytest.mark.parametrize("pattern", ["{", "a{,2}", "a{2", "(?#c)a", "(?P<x>a)"])
def test_what_java_takes_for_no_pattern(pattern):
    found = evaluate(f'split("a", "{pattern}")', {})
    words = f"Invalid pattern for delimiter '{pattern}'"
    assert found.warnings == (f"Failed to invoke function 'split': {words}",)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("null in foo(?)", True),
        ("string(round down(-1, -1))", "0E+1"),
        ("string(ceiling(-0.5))", "0"),
        ('@"P1M" * 2147483647', "P178956970Y7M"),
        ("5 in if no then ? > 3 else 5", True),
        ("5 in if ok then ? > 3 else 5", True),
        ("5 in (some x in [1] satisfies no and ? > 2)", None),
        ("5 in (3 in ? > 2)", True),
        ("{some: 1, b: some > 0}.b", True),
        ("{every: 1, b: every-1}.b", 0),
        ("{a: 1, b: function(x) x}.b", None),
        ('date and time("2024-05-17T10:00:00+01:30:15")', None),
        (
            'string(@"1900-01-01T00:00:00@Europe/Moscow")',
            "1900-01-01T00:00:00+02:30:17@Europe/Moscow",
        ),
        (
            'string(@"0001-01-01T00:00:00@Europe/Berlin")',
            "0001-01-01T00:00:00+00:53:28@Europe/Berlin",
        ),
    ],
)
def test_corners_that_random_conditions_found(expression, answer):
    assert value(expression) == answer


def test_a_function_is_no_entry_of_a_context():
    (warning,) = evaluate("{a: 1, f: function(x) x}.f", {}).warnings
    assert warning == "No context entry found with key 'f'. Available keys: 'a'"


def test_years_and_months_have_32_bits_each():
    found = evaluate('@"-P2Y" * 1073741825', {})
    assert "integer overflow" in found.failure
