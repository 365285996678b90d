"""The page of the engine's rules: who cites them, and what shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

PAGE = "docs/engine/semantics.md"
FOLDERS = ("benchmarks", "devkit", "docs", "hooks", "runtime", "tests", "tools", "{{cookiecutter.*")
SUFFIXES = frozenset({".md", ".py", ".toml", ".yaml", ".yml"})

_HEADING = re.compile(r"### (?P<title>.+?)(?: \{ #(?P<anchor>\S+) \})?")
_CITATION = re.compile(r"\bsemantics(?:\.md)?#(?P<anchor>[\w-]*)", re.IGNORECASE)
_NUMBERED = re.compile(r"\brules? \d+", re.IGNORECASE)
_SPAN = re.compile(r"`([^`]+)`")
_SOURCE, _SHOWN = "**Source:** ", "**Shown by:** "
_HIDDEN = frozenset({"build", "node_modules", "__pycache__"})


@dataclass(frozen=True)
class Rule:
    """One rule of the page; ``shown`` are the entries after "Shown by"."""

    title: str
    anchor: str
    line: int
    source: str = ""
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Citation:
    """A place that names a rule by its anchor."""

    file: str
    line: int
    anchor: str


@dataclass(frozen=True)
class Evidence:
    """What may stand after "Shown by": scenarios, recordings, tests as ``file::name``."""

    scenarios: Collection[str]
    recordings: Collection[str]
    tests: Collection[str]

    def lacks(self, entry: str) -> str:
        """What is wrong with an entry; empty if it is there."""
        known = self.tests if "::" in entry else {*self.scenarios, *self.recordings}
        if entry in known:
            return ""
        kind = "test" if "::" in entry else "scenario or recording"
        return f"no {kind} {entry!r}{_nearest(entry, known)}"


def rules(page: str) -> list[Rule]:
    """The rules of a page, in its order."""
    found: list[Rule] = []
    for number, line in enumerate(page.splitlines(), 1):
        if heading := _HEADING.fullmatch(line):
            found.append(Rule(heading["title"], heading["anchor"] or "", number))
        elif found and line.startswith((_SOURCE, _SHOWN)):
            found[-1] = _completed(found[-1], line)
    return found


def _completed(rule: Rule, line: str) -> Rule:
    source, shown = rule.source, rule.shown
    if line.startswith(_SOURCE):
        source = line.removeprefix(_SOURCE)
    else:
        shown = tuple(_SPAN.findall(line))
    return Rule(rule.title, rule.anchor, rule.line, source, shown)


def citations(file: str, text: str) -> Iterator[Citation]:
    """The rules that a file names."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _CITATION.finditer(line):
            yield Citation(file, number, found["anchor"])


def numbered(file: str, text: str) -> Iterator[str]:
    """Rules that are named by a number: nobody can look those up."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _NUMBERED.finditer(line):
            yield f"{file}:{number}: {found[0]!r}: cite a rule of {PAGE} by its anchor"


def unknown(cited: Iterable[Citation], known: Iterable[Rule]) -> list[str]:
    """Citations of rules that are not there."""
    anchors = {rule.anchor for rule in known}
    return [
        f"{each.file}:{each.line}: no rule {each.anchor!r} in {PAGE}"
        + _nearest(each.anchor, anchors)
        for each in cited
        if each.anchor not in anchors
    ]


def flaws(known: Iterable[Rule], evidence: Evidence) -> list[str]:
    """Rules without an anchor of their own, without a source, or that nothing shows."""
    found: list[str] = []
    lines: dict[str, int] = {}
    for rule in known:
        place = f"{PAGE}:{rule.line}: {rule.anchor or repr(rule.title)}"
        if not rule.anchor:
            found.append(f"{place}: no anchor: write {{ #some-words }} behind the title")
        elif rule.anchor in lines:
            found.append(f"{place}: is already the anchor of line {lines[rule.anchor]}")
        lines.setdefault(rule.anchor, rule.line)
        if not rule.source:
            found.append(f'{place}: no line "{_SOURCE.strip()}": say where it was read or seen')
        if not rule.shown:
            found.append(f'{place}: no entry after "{_SHOWN.strip()}": name what shows it')
        elif "recorded" in rule.source.lower() and all("::" in entry for entry in rule.shown):
            found.append(f"{place}: is said to be recorded, but no scenario or recording is named")
        found += [f"{place}: {why}" for entry in rule.shown if (why := evidence.lacks(entry))]
    return found


def uncited(known: Iterable[Rule], cited: Iterable[Citation]) -> list[str]:
    """Rules that no code says it follows."""
    followed = {
        each.anchor for each in cited if each.file.startswith(("devkit/src/", "runtime/src/"))
    }
    return [
        f"{PAGE}:{rule.line}: {rule.anchor}: cited nowhere in the packages: cite it where the code "
        "follows it, or remove the rule"
        for rule in known
        if rule.anchor not in followed
    ]


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0)
    return f"; nearest: {close[0]}" if close else ""


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """The files that may cite rules, as paths below ``root`` and what is in them."""
    places = [root / "README.md", *(path for each in FOLDERS for path in root.glob(each))]
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            name = path.relative_to(root)
            hidden = any(part.startswith(".") or part in _HIDDEN for part in name.parts)
            if path.suffix in SUFFIXES and not hidden and path.is_file():
                yield name.as_posix(), path.read_text(encoding="utf-8")


def tests_in(root: Path, file: str) -> Iterator[str]:
    """The test functions of a file, as ``file::name``; none where there is no such file."""
    path = root / file
    if path.is_file():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and node.name.startswith("test_"):
                yield f"{file}::{node.name}"
