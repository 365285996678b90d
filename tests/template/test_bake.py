"""Every combination of answers gives files that parse; a covering set passes all linters."""

import itertools
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from lxml import etree

ROOT = Path(__file__).resolve().parents[2]
CHOICES = {
    key: value
    for key, value in json.loads((ROOT / "cookiecutter.json").read_text()).items()
    if isinstance(value, list) and not key.startswith("_")
}
LEFTOVER = re.compile(r"\{[{%#] ?-?|cookiecutter\.|__package|__process_id")
LABEL_OF_A_SERIES = re.compile(r"\{\{(?: \$(?:labels\.)?)?[a-z_]+(?: \| [a-zA-Z0-9]+)? ?\}\}")
GITHUB_EXPRESSION = re.compile(r"\$\{\{[^}]*\}\}")


def covering_set() -> list[dict[str, str]]:
    """Rows in which every answer meets every answer of every other question (pairs)."""
    wanted = {
        frozenset(pair)
        for (a, xs), (b, ys) in itertools.combinations(CHOICES.items(), 2)
        for pair in itertools.product([(a, x) for x in xs], [(b, y) for y in ys])
    }
    rows = [dict(zip(CHOICES, row, strict=True)) for row in itertools.product(*CHOICES.values())]
    chosen = [rows[0]]
    wanted -= pairs_of(rows[0])
    while wanted:
        chosen.append(max(rows, key=lambda row: len(pairs_of(row) & wanted)))
        wanted -= pairs_of(chosen[-1])
    return chosen


def pairs_of(row: dict[str, str]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(pair) for pair in itertools.combinations(row.items(), 2)}


def name_of(row: dict[str, str]) -> str:
    return "-".join(row.values())


def own_files(service: Path) -> list[Path]:
    return [
        path
        for path in service.rglob("*")
        if path.is_file() and "vendor" not in path.relative_to(service).parts
    ]


def check_contents(service: Path) -> None:
    for path in own_files(service):
        text = path.read_text(encoding="utf-8")
        plain = LABEL_OF_A_SERIES.sub("", GITHUB_EXPRESSION.sub("", text))
        assert not LEFTOVER.search(plain), f"{path}: {LEFTOVER.search(plain)}"
        assert str(ROOT) not in text, path
        assert "\r" not in text, path
        assert not text or text.endswith("\n"), path
        parse(path, text)


def parse(path: Path, text: str) -> None:
    match path.suffix:
        case ".toml":
            tomllib.loads(text)
        case ".yaml" | ".yml":
            assert list(yaml.safe_load_all(text))
        case ".bpmn":
            etree.fromstring(text.encode())
        case ".py":
            compile(text, str(path), "exec")
        case ".json":
            json.loads(text)


@pytest.mark.parametrize("row", covering_set(), ids=name_of)
def test_a_combination_is_clean(bake, tool, row):
    service = bake(**row)
    check_contents(service)
    tool(service, "ruff", "check", "--no-cache", ".")
    tool(service, "ruff", "format", "--check", "--no-cache", ".")
    tool(service, "codespell")
    tool(service, "yamllint", "--strict", ".")
    tool(service, "hadolint", "Dockerfile")
    check_schemas(service, tool)


def check_schemas(service: Path, tool) -> None:
    schemas = {
        "compose.yaml": "vendor.compose-spec",
        ".github/workflows/ci.yml": "vendor.github-workflows",
        ".github/dependabot.yml": "vendor.dependabot",
        ".gitlab-ci.yml": "vendor.gitlab-ci",
    }
    for file, schema in schemas.items():
        if (service / file).exists():
            tool(service, "check-jsonschema", "--builtin-schema", schema, file)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("ci", CHOICES["ci"])
@pytest.mark.parametrize("source", CHOICES["runtime_source"])
def test_every_combination_has_files_that_parse(bake, ci, source):
    rest = {k: v for k, v in CHOICES.items() if k not in {"ci", "runtime_source"}}
    for row in itertools.product(*rest.values()):
        answers = dict(zip(rest, row, strict=True), ci=ci, runtime_source=source)
        service = bake(**answers)
        check_contents(service)
        shutil.rmtree(service)


@pytest.mark.parametrize("name", ["a1", "order", "a-very-long-service-name-that-still-fits"])
def test_names_of_every_length_leave_the_code_formatted(bake, tool, name):
    service = bake(service_name=name)
    check_contents(service)
    tool(service, "ruff", "check", "--no-cache", ".")
    tool(service, "ruff", "format", "--check", "--no-cache", ".")


@pytest.mark.parametrize(
    ("ci", "github", "gitlab"),
    [
        ("github", True, False),
        ("gitlab", False, True),
        ("both", True, True),
        ("none", False, False),
    ],
)
def test_only_the_chosen_ci_is_there(bake, ci, github, gitlab):
    service = bake(ci=ci)
    assert (service / ".github").exists() == github
    assert (service / ".gitlab-ci.yml").exists() == gitlab


def test_workflows_pass_the_security_linter(bake, tool):
    tool(bake(ci="both"), "zizmor", "--offline", "--quiet", ".")


def test_there_is_nothing_that_looks_like_a_secret(bake, tool):
    service = bake(ci="both", http_api="fastapi", outbox="postgres", alerts="yes")
    files = [str(path.relative_to(service)) for path in own_files(service)]
    tool(service, "detect-secrets-hook", *files)


def test_the_same_answers_give_the_same_bytes(bake):
    first, second = bake(ci="both"), bake(ci="both")
    contents = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (first, second)
    ]
    assert contents[0] == contents[1]


def test_the_image_requires_the_runtime_and_development_the_devkit_of_this_version(bake):
    service = tomllib.loads((bake() / "pyproject.toml").read_text())
    version = tomllib.loads((ROOT / "runtime" / "pyproject.toml").read_text())["project"]["version"]
    production = "".join(service["project"]["dependencies"])
    assert f"zeebe-workflow-runtime[cli]>={version}," in production
    assert "devkit" not in production
    (devkit,) = service["dependency-groups"]["devkit"]
    assert devkit.startswith(f"zeebe-workflow-devkit>={version},")
    for group in ("dev", "test", "typing"):
        assert "devkit" in included(service["dependency-groups"], group)


def included(groups, name):
    """The groups that one includes, itself among them."""
    inner = [each["include-group"] for each in groups[name] if isinstance(each, dict)]
    return {name}.union(*(included(groups, each) for each in inner))


@pytest.mark.parametrize(
    ("folder", "distribution", "file"),
    [
        ("runtime", "zeebe-workflow-runtime", "src/workflow_runtime/errors.py"),
        ("devkit", "zeebe-workflow-devkit", "src/workflow_devkit/engine/engine.py"),
    ],
)
def test_the_vendored_packages_are_those_of_this_checkout(bake, folder, distribution, file):
    copy = bake() / "vendor" / distribution
    assert (copy / file).read_bytes() == (ROOT / folder / file).read_bytes()
    assert not list(copy.rglob("__pycache__"))


@pytest.mark.parametrize("part", ["runtime", "devkit"])
@pytest.mark.parametrize("source", ["pypi", "vendored", "git"])
def test_runtime_and_devkit_come_from_the_chosen_source(bake, source, part):
    expected = {
        "pypi": None,
        "vendored": {"path": f"vendor/zeebe-workflow-{part}"},
        "git": {"git": "https://git.example.com/team/workflow-template.git", "subdirectory": part},
    }[source]
    service = bake(runtime_source=source)
    uv = tomllib.loads((service / "pyproject.toml").read_text())["tool"].get("uv", {})
    assert uv.get("sources", {}).get(f"zeebe-workflow-{part}") == expected
    assert (service / "vendor").exists() == (source == "vendored")
