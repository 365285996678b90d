"""Everything that the command prints goes through `cli/output.py`, which shows what would act."""

import ast
import io
import json
import re
from pathlib import Path

import pytest

from workflow_runtime.cli import output
from workflow_runtime.visible import escape_in_json, one_line, visible

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("runtime/src/workflow_runtime/cli", "devkit/src/workflow_devkit/cli")
PORT = ROOT / FOLDERS[0] / "output.py"
ECHOES = {"echo", "secho", "echo_via_pager"}


def ways_out(tree):
    """Each place that writes to a terminal by itself, or could: streams, rich, print, echo."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(n.name.split(".")[0] == "rich" for n in names):
                yield node.lineno, "import rich"
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "rich":
                yield node.lineno, f"from {module}"
            case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" | "__stdout__"):
                yield node.lineno, f"sys.{node.attr}"
            case ast.Call(func=ast.Name(id="print")):
                yield node.lineno, "print"
            case ast.Attribute(attr=attr) if attr in ECHOES:
                yield node.lineno, attr


def test_nothing_but_the_port_writes_to_a_terminal():
    files = [each for folder in FOLDERS for each in sorted((ROOT / folder).rglob("*.py"))]
    assert PORT in files
    found = {
        f"{each.relative_to(ROOT)}:{line}": what
        for each in files
        if each != PORT
        for line, what in ways_out(ast.parse(each.read_text(encoding="utf-8")))
    }
    assert found == {}, "print by workflow_runtime.cli.output"


@pytest.mark.parametrize(
    "code",
    [
        "import rich",
        "from rich.text import Text",
        "import sys\nsys.stdout.write('x')",
        "import sys\nout = sys.stderr",
        "print('x')",
        "import typer\ntyper.echo('x')",
        "import typer\ntyper.secho('x')",
    ],
)
def test_the_search_finds_each_way_out(code):
    assert list(ways_out(ast.parse(code)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [/x] text: é, 漢字, 🙂, \t\n", "plain [/x] text: é, 漢字, 🙂, \t\n"),
        ("\x1b]8;;u\x07x\x1b]8;;\x1b\\", r"\x1b]8;;u\x07x\x1b]8;;\x1b" + "\\"),
        ("a\rb\x08\x00\x7f", r"a\rb\x08\x00\x7f"),
        ("\x80\x9b\x9f\x85", r"\x80\x9b\x9f\x85"),
        ("\u202e\u2066\u2069\u200e\u061c", r"\u202e\u2066\u2069\u200e\u061c"),
        ("\u200b\u200d\ufeff\xad\u2060", r"\u200b\u200d\ufeff\xad\u2060"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("\u3164\u2800", r"\u3164\u2800"),
        ("a\ufe00\U000e0100\ufe0d", r"a\ufe00\U000e0100\ufe0d"),
        ("\u180b\U0001bca0\ufff0", r"\u180b\U0001bca0\ufff0"),
        ("\u2764\ufe0f", "\u2764\ufe0f"),
    ],
)
def test_what_would_act_is_shown(text, shown):
    assert visible(text) == shown
    assert one_line(text) == shown.replace("\n", r"\n")
    found = escape_in_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(found) == text
    assert found.isprintable() or "\t" in found


class Terminal(io.StringIO):
    def isatty(self):
        return True


COLUMNS = ("incident", "process", "message")


def printed(monkeypatch, width, rows=(), columns=COLUMNS, *, terminal=True):
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    rows = rows or [(2251799813685249, "order", "a message [/x] that is long"), (7, "refund", "")]
    output.print_table("2 rows", columns, rows)
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).splitlines()


def test_a_table_has_one_line_for_each_row_where_there_is_room(monkeypatch):
    expected = [
        "2 rows",
        "incident          process  message",
        "2251799813685249  order    a message [/x] that is long",
        "7                 refund",
    ]
    assert printed(monkeypatch, 80) == expected
    # A pipe has no width.
    assert printed(monkeypatch, 10, terminal=False) == expected


def test_what_has_no_room_stands_below_and_is_whole(monkeypatch):
    assert printed(monkeypatch, 40) == [
        "2 rows",
        "incident          process",
        "2251799813685249  order",
        "    a message [/x] that is long",
        "7                 refund",
    ]


@pytest.mark.parametrize("width", [80, 60, 40])
def test_no_line_of_keys_and_ids_is_wider_than_the_terminal(monkeypatch, width):
    columns = ("incident", "instance", "age", "process", "element", "error", "message")
    key, last = 2251799813685249, 9223372036854775807
    rows = [(key, last, "0h01m", "registration", "Gateway_0x1y2z3", "CONDITION_ERROR", "m" * 99)]
    lines = printed(monkeypatch, width, rows, columns)
    assert [line for line in lines if len(line) > width] == [f"    {'m' * 99}"]
    words = set(" ".join(lines).split())
    assert {str(key), str(last), "registration", "Gateway_0x1y2z3", "CONDITION_ERROR"} <= words
