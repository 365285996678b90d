"""What the random expressions are made of: for each kind of value, how it may be written.

A rule is a text in which ``<kind>`` stands for an expression of that kind. Leaves end the growth.
Rules are written as people write conditions; wrong kinds of values are mixed in by the sampler.
"""

from __future__ import annotations

from typing import Any, Final

VARIABLES: Final[dict[str, Any]] = {
    "age": 30,
    "sum": 1500.5,
    "status": "NEW",
    "type": "B2B",
    "city": "Москва",
    "name": "Пётр Иванов",
    "email": "p.ivanov@почта.рф",
    "phone": "+7 (912) 345-67-89",
    "ok": True,
    "no": False,
    "none": None,
    "tags": ["vip", "новый"],
    "numbers": [3, 1, 2],
    "items": [
        {"sku": "Ж1", "qty": 2, "price": 10.5},
        {"sku": "B2", "qty": 0, "price": 3},
    ],
    "created": "2024-05-17T10:00:00+03:00",
    "deadline": "P45D",
    "birth": "1990-02-28",
    "user": {"roles": ["admin"], "addr": {"zip": "101000"}, "level": 3},
    "orders": [
        {"id": "A-1", "total": 120.5, "lines": [{"sku": "x", "qty": 2}, {"sku": "y", "qty": 5}]},
        {"id": "A-2", "total": None, "lines": []},
        {"id": "A-3", "status": "new", "lines": [{"sku": "x", "qty": 1}]},
    ],
    "lo": 5,
    "hi": 50,
    "full name": "Анна Ö",
    "emoji": "😀a",
    "some": 1,
}
"""What a process might know."""

LEAVES: Final[dict[str, tuple[str, ...]]] = {
    "number": (
        "0", "1", "2", "-1", "10", "18", "65", "100", "0.5", "1500.5", ".25", "age", "sum",
        "user.level", "items[1].qty", "items[-1].price", "missing", "none",
        "lo", "hi", "some", "5.678901234567890123", "orders[1].total", "orders[2].lines[1].qty",
    ),
    "text": (
        '"NEW"', '"OLD"', '""', '"a"', '"B2B"', '"Москва"', '"ж1"', '"vip"', "status", "type",
        "city", "name", "email", "phone", "user.addr.zip", "items[1].sku", "missing", "none",
        "user.missing", "`full name`", "emoji", "orders[3].status",
        '"a\\nb"', '"a\\r\\nb\\r\\n"', '"ß"',
    ),
    "truth": ("true", "false", "ok", "no", "ok", "no", "missing", "none", "null"),
    "date": (
        'date("2024-02-29")', '@"2024-01-31"', "date(birth)", 'date("2023-12-31")',
        "date(2024, 2, 29)", "today()",
    ),
    "moment": (
        "date and time(created)", "now()", 'date and time("2024-05-17T10:00:00Z")',
        '@"2024-03-31T01:30:00@Europe/Paris"', '@"2024-03-31T02:30:00@Europe/Berlin"',
        '@"2024-10-27T02:30:00@Europe/Berlin"', '@"2024-11-03T01:30:00@America/New_York"',
        '@"1900-01-01T00:00:00@Europe/Moscow"', '@"2024-05-17T10:00:00+01:30:15"',
    ),
    "local": ('date and time("2024-02-29T10:30:00")', '@"2024-12-31T23:59:59"'),
    "time": ('time("10:30:00")', '@"23:59:59"', 'time("10:00:00+02:00")', '@"00:00:00Z"'),
    "span": (
        "duration(deadline)", 'duration("PT36H")', '@"P1D"', '@"-PT5M"', '@"PT0S"',
        '@"P1DT2H3M4S"',
    ),
    "months": ('duration("P1Y2M")', '@"P1M"', '@"-P5M"', '@"P2Y"'),
    "list": (
        "tags", "numbers", "items", "[1, 2, 3]", '["a", "b", "a"]', "[true, false]",
        "[null, 1]", "user.roles", "items.qty", "[[1, 2], [3]]", "missing", "none",
        "orders", "orders.lines.qty", "flatten(orders.lines)", "orders[total = null].id",
        "items[missing > 1]", "orders[lines[1].qty > 1]",
    ),
    "context": ("user", "user.addr", "items[1]", "{}", "{a: 1, b: {c: 2}}", "missing", "none"),
    "range": (
        "[lo..hi]", "(lo..age]", "[18..65]", "(0..10)", "]1..100[", "[1..3)", '["A".."Z"]',
        '[@"2024-01-01"..@"2024-12-31"]',
    ),
    "pattern": (
        r'"\d+"', r'"^[Ж-ЯЁ][ж-яё]+"', r'"^\p{L}+"', r'"\p{Lu}"', r'"[^\p{L}]+"', r'"\P{L}"',
        r'"^\+7.*"', r'"(\w+)@(.+)"', r'"\s"', r'"[A-Z]\d[A-Z]"', r'"^$"', r'"\p{IsCyrillic}+"',
        r'"(a|b)*"', r'"[a-z&&[^n]]+"', r'"(?i)new"', r'"^N"', r'"e.?w$"', r'"\p{Alpha}+"',
        '"a.b"', '"$"', '"b$"', r'"b\Z"', '"(?m)^b"', '"(?iu)ПЁТР"', r'"\v"', r'"(?s:a.)."', '"{"',
    ),
    "flags": ('"i"', '"s"', '"x"', '"m"', '"im"', '"sx"', '""'),
    "replacement": ('"$1"', '"-"', '""', '"[$0]"', '"$2 $1"', r'"\$"'),
    "test": (
        "< 10", ">= 18", "[18..65]", "(0..100)", '"NEW"', "status", "null", "true", "? > 5",
        '> @"2024-01-01"', "age", "not(null)", "numbers", "tags", "? != null",
    ),
}  # fmt: skip
"""Ends of growth."""

_TRUTH = (
    "<truth> and <truth>", "<truth> or <truth>", "not(<truth>)", "(<truth>)", "(<truth>)",
    "<number> = <number>", "<number> > <number>", "<number> <= <number>", "<number> != <number>",
    "<text> = <text>", "<text> != <text>", "<text> < <text>", "<text> = null", "<any> != null",
    "<number> in <range>", "<number> in <test>", "<text> in <list>", "<text> in (<text>, <text>)",
    "<number> in (<test>, <test>)", "<any> in <test>", "<number> in [<number>..<number>]",
    "<number> in <range> and <truth>", "<text> in <test> or <truth>",
    "<number> in <number> and <truth>", "<number> in (<number>) or <truth>",
    "<text> in [<text>, <text>] and <truth>", "<number> in < <number> and <truth>",
    "<number> in >= <number> or <truth>", "not(<number> in <range>)",
    "<truth> and <number> in <range>", "<truth> or <text> in <list> and <truth>",
    "<number> between <number> and <number>", "<date> between <date> and <date> and <truth>",
    "if <truth> then <truth> else <truth>", "some x in <list> satisfies x > <number>",
    "every x in <list> satisfies x != <any>", "some i in items satisfies i.qty > <number>",
    "every i in items satisfies i.price <= <number> and <truth>",
    "some x in <list>, y in <list> satisfies x = y", "count(<list>) > <number>",
    "contains(<text>, <text>)", "starts with(<text>, <text>)", "ends with(<text>, <text>)",
    "matches(<text>, <pattern>)", "matches(<text>, <pattern>, <flags>)",
    "list contains(<list>, <any>)", "is defined(<any>)", "all(<list>)", "any(<list>)",
    "<date> > <date>", "<moment> < <moment>", "<local> >= <local>", "<time> = <time>",
    "<span> > <span>", "<months> <= <months>", "<any> = <any>", "<any> instance of <type>",
    "even(<number>)", "odd(<number>)", "includes(<range>, <number>)", "before(<number>, <range>)",
    "<context> = <context>", "<list> = <list>", "get or else(<truth>, <truth>)",
    "some x in <list> satisfies every y in <list> satisfies x = y",
    "every o in orders satisfies some l in o.lines satisfies l.qty > <number> and <truth>",
    "some x in <list> satisfies x in (<test>, <test>)", "if <truth> then <truth>",
    "<truth> and <number> between <number> and <number> and <truth>",
    "not(<number> between <number> and <number>) or <truth>", "<number> in not(<test>, <test>)",
    "<truth> /* c */ and // d\n<truth>", "not(<any> instance of <type>)", "<any> is null",
    "<text> == <text>", "<truth> && <truth>", "count(orders[total > <number>]) > 0",
    "orders[id = <text>][1].total > <number>", "<moment> between <moment> and <moment>",
    "<date> in [<date>..<date>] and <truth>", "{a: <number>, r: a > 1}.r", "= <truth>",
    '{"a b": <any>}.`a b` = <any>', "<moment> + <span> > <moment>", "some > <number>",
)  # fmt: skip
_NUMBER = (
    "<number> + <number>", "<number> - <number>", "<number> * <number>", "<number> / <number>",
    "<number> ** 2", "-<number>", "(<number>)", "count(<list>)", "sum(<list>)", "max(<list>)",
    "min(<list>)", "mean(<list>)", "sum(items.price)", "sum(for i in items return i.qty * i.price)",
    "string length(<text>)", "number(<text>)", "floor(<number>)", "ceiling(<number>)",
    "abs(<number>)", "modulo(<number>, <number>)", "decimal(<number>, 2)",
    "round half up(<number>, 1)",
    "if <truth> then <number> else <number>", "get or else(<number>, <number>)", "<date>.year",
    "<date>.month", "<date>.weekday", "<moment>.hour", "<span>.days", "<span>.hours",
    "<months>.years", "<list>[1]", "<list>[-1]", "<list>[item > <number>][1]",
    "items[qty > <number>][1].price",
    "product(<list>)", "median(<list>)", "sqrt(<number>)", "index of(<list>, <any>)[1]",
    "day of year(<date>)", "week of year(<date>)", "<context>.a", "get value(<context>, <text>)",
)  # fmt: skip
_TEXT = (
    "<text> + <text>", "upper case(<text>)", "lower case(<text>)", "substring(<text>, <number>)",
    "substring(<text>, <number>, <number>)", "substring before(<text>, <text>)",
    "substring after(<text>, <text>)", "replace(<text>, <pattern>, <replacement>)",
    "replace(<text>, <pattern>, <replacement>, <flags>)", "string(<any>)",
    "if <truth> then <text> else <text>", "string join(<list>, <text>)", "string join(<list>)",
    "extract(<text>, <pattern>)[1]", "split(<text>, <pattern>)[1]", "get or else(<text>, <text>)",
    "day of week(<date>)", "month of year(<date>)", "<list>[1]", "items[1].sku", "<context>.zip",
    "items[sku = <text>][1].sku", "string(<date>)", "string(<span>)", "string(<moment>)",
    "string(<number>)",
)  # fmt: skip
_LIST = (
    "[<any>, <any>]", "[<number>, <number>, <number>]", "append(<list>, <any>)",
    "concatenate(<list>, <list>)", "<list>[item > <number>]", "<list>[item != <any>]",
    "<list>[item in <test>]", "items[qty > <number>]", "items[sku = <text> or <truth>].price",
    "for x in <list> return x", "for x in <list> return x = <any>",
    "for i in 1..3 return i * <number>",
    "for x in <list>, y in <list> return [x, y]", "for i in items return i.qty", "flatten(<list>)",
    "distinct values(<list>)", "reverse(<list>)", "sublist(<list>, <number>)",
    "union(<list>, <list>)",
    "remove(<list>, 1)", "insert before(<list>, 1, <any>)", "index of(<list>, <any>)",
    "split(<text>, <pattern>)", "extract(<text>, <pattern>)", "sort(<list>, function(x, y) x < y)",
    "get entries(<context>)", "duplicate values(<list>)", "mode(<list>)",
    "for x in <list> return count(partial)", "if <truth> then <list> else <list>",
)  # fmt: skip
RULES: Final[dict[str, tuple[str, ...]]] = {
    "truth": _TRUTH,
    "number": _NUMBER,
    "text": _TEXT,
    "list": _LIST,
    "date": (
        "<date> + <span>", "<date> - <months>", "<date> + <months>", "date(<date>, <time>)",
        "date(<text>)", "date(<moment>)", "last day of month(<date>)",
        "date(<number>, <number>, <number>)",
        "if <truth> then <date> else <date>", "<span> + <date>", "date(<local>)",
    ),
    "moment": (
        "<moment> + <span>", "<moment> - <months>", "date and time(<date>, <time>)",
        "date and time(<text>)",
    ),
    "local": (
        "<local> + <span>", "<local> - <span>", "<local> + <months>",
        "date and time(<date>, <time>)",
    ),
    "time": (
        "<time> + <span>", "<time> - <span>", "time(<text>)", "time(<number>, <number>, <number>)",
        "time(<moment>)",
    ),
    "span": (
        "<moment> - <moment>", "<local> - <local>", "<date> - <date>", "<time> - <time>",
        "<span> + <span>",
        "<span> * <number>", "<span> / <number>", "duration(<text>)", "-<span>", "abs(<span>)",
    ),
    "months": (
        "<months> + <months>", "<months> * <number>", "<months> - <months>",
        "years and months duration(<date>, <date>)", "<months> / <number>", "-<months>",
    ),
    "context": (
        "{a: <any>, b: <any>}", "{a: <number>, zip: a + 1}", '{"a b": <any>}',
        'context put(<context>, "a", <any>)',
        "context merge([<context>, <context>])", "get value(<context>, <text>)", "<list>[1]",
        "context([{key: <text>, value: <any>}])", "{a: <context>}.a", "items[<number>]",
    ),
    "range": (
        "[<number>..<number>]", "(<number>..<number>)", "[<date>..<date>]", "]<number>..<number>]",
    ),
    "test": (
        "< <number>", ">= <number>", "<range>", "<list>", "<text>", "<number>", "? in <range>",
        "? > <number>",
        "if <truth> then ? > <number> else <any>", "<truth> and ? > <number>",
        "string length(?) > 1",
        "contains(?, <text>)", "<truth>", "not(<truth>)", "> <date>", "<= <text>", "(<number>)",
    ),
    "any": ("<truth>", "<number>", "<text>", "<list>", "<context>", "<date>", "<moment>", "<local>",
            "<time>", "<span>", "<months>", "null", "<number>", "<text>"),
    "type": (
        "number", "string", "boolean", "date", "time", "date and time", "list", "context",
        "function",
             "years and months duration", "days and time duration", "Any", "day-time-duration"),
}  # fmt: skip
"""How a kind of value is written from others."""
