"""What the template needs beyond Jinja: derived names, safe quoting, checked answers.

Cookiecutter loads this from the template's own checkout. Nothing here depends on the machine
or the day: the same answers give the same bytes.
"""

from __future__ import annotations

import html
import json
import keyword
import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

ROOT = Path(__file__).resolve().parent
RUNTIME = "zeebe-workflow-runtime"
DEVKIT = "zeebe-workflow-devkit"
_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_JINJA = re.compile(r"\{[{%#]")
_IN_PATHS = re.compile(r"\{\{cookiecutter\.(service_name|__package)\}\}")
_MAX_NAME = 40  # leaves room for suffixes in the 63 characters that Kubernetes allows
_MAX_TEXT = 200
_TAKEN = {
    "tests",
    "test",
    "src",
    "workflow_devkit",
    "workflow_runtime",
    "vendor",
    "pydantic",
    "loguru",
    "fastapi",
}
_STAND = {"zeebe", "operate", "elasticsearch"}
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half surrogates, line separators
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def package_name(service_name: str) -> str:
    """The import name: ``my-service`` gives ``my_service``."""
    return service_name.replace("-", "_")


def process_id(service_name: str) -> str:
    """The BPMN process id: ``my-service`` gives ``myServiceProcess``."""
    first, *rest = service_name.split("-")
    return first + "".join(part.capitalize() for part in rest) + "Process"


def constant(name: str) -> str:
    """The constant that `workflow constants` makes of an id: ``myProcess`` gives ``MY_PROCESS``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).upper()


def quoted(text: str) -> str:
    """The text as a string literal that TOML, YAML, JSON and Python all read the same way."""
    return json.dumps(text, ensure_ascii=False)


def markdown(text: str) -> str:
    """The text as Markdown that shows exactly it."""
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(text, quote=False))


def runtime_version(root: Path = ROOT) -> str:
    """The version of runtime and devkit in this checkout: a service's pin cannot drift from it."""
    metadata = tomllib.loads((root / "runtime" / "pyproject.toml").read_text(encoding="utf-8"))
    return str(metadata["project"]["version"])


def runtime_range(version: str) -> str:
    """The versions of the runtime that a service accepts (SemVer: 0.x breaks in the minor)."""
    major, minor = (int(part) for part in version.split(".")[:2])
    ceiling = f"{major + 1}" if major else f"0.{minor + 1}"
    return f">={version},<{ceiling}"


def runtime_git(root: Path = ROOT) -> str:
    """The address of this checkout's remote, empty where it has none that others can reach.

    Without user and password: they belong to the person, not into a file.
    """
    config = root / ".git" / "config"
    text = config.read_text(encoding="utf-8") if config.is_file() else ""
    found = re.search(r'\[remote "origin"\][^\[]*?^\s*url\s*=\s*(\S+)', text, re.MULTILINE)
    address = found[1] if found else ""
    if "://" not in address and (scp := re.fullmatch(r"([\w.-]+@[\w.-]+):(.+)", address)):
        return f"ssh://{scp[1]}/{scp[2]}"
    if address.startswith("https://"):
        return re.sub(r"(?<=://)[^/@]*@", "", address)
    return address if address.startswith("ssh://") else ""


def problems(answers: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with the answers, one line each."""
    found = list(_name_problems(str(answers["service_name"])))
    for key, required in (("description", True), ("author", True), ("organisation", False)):
        found += _text_problems(key, str(answers[key]), required=required)
    if answers["runtime_source"] == "git" and not runtime_git():
        found.append(
            "runtime_source: 'git' needs a template checkout whose remote 'origin' is an https or "
            "ssh address; take 'vendored' instead"
        )
    return found


def _name_problems(name: str) -> Iterator[str]:
    if not _KEBAB.fullmatch(name):
        yield (
            f"service_name: {_shown(name)} is not kebab-case; use lower-case letters, digits and "
            "single hyphens, a letter first, like 'order-service'"
        )
    if len(name) > _MAX_NAME:
        yield f"service_name: {len(name)} characters; at most {_MAX_NAME} are allowed"
    package = package_name(name)
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        yield f"service_name: {_shown(name)} is a Python keyword; add a word, like '{name}-service'"
    elif package in sys.stdlib_module_names or package in _TAKEN:
        yield (
            f"service_name: {_shown(name)} hides the Python module {package!r}; add a word, "
            f"like '{name}-service'"
        )
    elif name in _STAND:
        yield f"service_name: {_shown(name)} is a service of the local stand; take another"


def _text_problems(key: str, text: str, *, required: bool) -> Iterator[str]:
    if required and not text.strip():
        yield f"{key}: is empty; write a few words"
    if len(text) > _MAX_TEXT:
        yield f"{key}: {len(text)} characters; at most {_MAX_TEXT} are allowed"
    if any(unicodedata.category(char) in _UNSEEN or char in _BIDI for char in text):
        yield f"{key}: {_shown(text)} holds line breaks or control characters; use one plain line"
    if _JINJA.search(text):
        yield f"{key}: {_shown(text)} looks like template code; leave out '{{{{', '{{%' and '{{#'"


def _shown(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= _MAX_NAME else f"{shown[:_MAX_NAME]}…'"


def require_valid(answers: Mapping[str, Any]) -> str:
    """Ends the run before anything is written when an answer is wrong: all problems at once."""
    if found := problems(answers):
        _refuse(found)
    return "yes"


def _refuse(found: list[str]) -> None:
    lines = "\n".join(f"  - {problem}" for problem in found)
    sys.stderr.write(f"The service was not generated. Please correct:\n{lines}\n")
    sys.exit(1)


class TemplateExtension(Extension):
    """Gives the template its filters and functions, and executes no answer as template code."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters.update(
            constant=constant,
            markdown=markdown,
            package_name=package_name,
            process_id=process_id,
            quoted=quoted,
        )
        version = runtime_version()
        environment.globals.update(
            devkit=DEVKIT,
            require_valid=require_valid,
            runtime=RUNTIME,
            runtime_git=runtime_git,
            runtime_range=runtime_range(version),
            runtime_version=version,
            template_root=str(ROOT),
        )

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Refuses answers that are template code: cookiecutter would run them (``no_input``)."""
        del filename
        if name is None and _JINJA.search(source) and not _is_ours(source):
            _refuse([f"an answer looks like template code: {_shown(source)}"])
        return source


def _is_ours(source: str) -> bool:
    """Whether the template itself holds this text: as a path, a default or a hook."""
    if not _JINJA.search(_IN_PATHS.sub("", source)):
        return True
    hooks = (path.read_text(encoding="utf-8") for path in (ROOT / "hooks").glob("*.py"))
    return source in _defaults() or source in hooks


def _defaults() -> set[str]:
    settings = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    return {value for value in settings.values() if isinstance(value, str)}
