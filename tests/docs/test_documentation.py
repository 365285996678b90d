"""What the documentation says is true: code runs, links lead somewhere, both READMEs agree."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.devkit.testing.conftest import TEXT
from tests.docs.pages import FENCE, ROOT, blocks, run_block
from tests.support.diagrams import bpmn, one_task

from workflow_runtime import WorkflowBuilder

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FILES = {
    *("existing-service.md", "migrate-from-go-java.md", "migrate-from-pyzeebe.md", "testing.md"),
}
"""Their blocks are files, which tests below and in tests/migration write and use."""
NOTEBOOKS = [page for page in PAGES if page.name not in FILES and "```python" in page.read_text()]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def heading_levels(page: Path) -> list[int]:
    text = FENCE.sub("", page.read_text())
    return [len(mark) for mark in re.findall(r"^(#+) ", text, re.MULTILINE)]


def test_both_readmes_have_the_same_headings_code_and_table_rows():
    english, russian = ROOT / "README.md", ROOT / "README.ru.md"
    assert heading_levels(english) == heading_levels(russian)
    assert blocks(english, "sh", "python") == blocks(russian, "sh", "python")
    assert english.read_text().count("\n|") == russian.read_text().count("\n|")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path):
    targets = [target.split("#")[0] for target in LINK.findall(FENCE.sub("", page.read_text()))]
    local = [target for target in targets if target and "://" not in target]
    assert [t for t in local if not (page.parent / t).exists()] == []


def test_every_page_is_reached_from_the_first_one():
    first = ROOT / "docs" / "index.md"
    reached, waiting = {first}, [first]
    while waiting:
        page = waiting.pop()
        targets = {target.split("#")[0] for target in LINK.findall(page.read_text())}
        pages = {(page.parent / target).resolve() for target in targets if target.endswith(".md")}
        new = {each for each in pages - reached if each.exists()}
        reached |= new
        waiting += new
    lost = {page for page in (ROOT / "docs").rglob("*.md") if page not in reached}
    assert sorted(str(page.relative_to(ROOT)) for page in lost) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_compiles(page: Path):
    for code in blocks(page, "python"):
        compile(code, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: str(page.relative_to(ROOT)))
async def test_the_python_blocks_of_a_page_run_one_after_the_other(
    page: Path, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bpmn").mkdir()
    diagram = tmp_path / "bpmn" / "my_service_process.bpmn"
    diagram.write_bytes(ONE_TASK)
    own, started = (WorkflowBuilder("docs", "embedded://").with_process(diagram) for _ in range(2))
    service = ModuleType("my_service.main")
    service.build = lambda: own
    monkeypatch.setitem(sys.modules, "my_service", ModuleType("my_service"))
    monkeypatch.setitem(sys.modules, "my_service.main", service)
    # Another one: nothing more is registered with a builder whose service runs.
    async with started.running() as workflow:
        names = {"__name__": "page", "workflow": workflow, "builder": own}
        for number, code in enumerate(blocks(page, "python")):
            await run_block(code, f"{page.name}[{number}]", names)


ORDERS = """
    start received message=order_received
    received -> reserve
"""
"""What the page's process begins with too."""


def test_the_tests_of_the_testing_page_pass(pytester, monkeypatch):
    for name in [name for name in os.environ if name.startswith("ZEEBE_")]:
        monkeypatch.delenv(name)
    code = "\n\n".join(blocks(ROOT / "docs" / "how-to" / "testing.md", "python"))
    pytester.makepyfile(code)
    (pytester.path / "bpmn").mkdir()
    (pytester.path / "bpmn" / "order.bpmn").write_bytes(bpmn(TEXT + ORDERS, "order"))
    run = pytester.runpytest("-p", "no:asyncio", "-p", "no:anyio")
    run.assert_outcomes(passed=8)


def test_the_service_of_the_readme_runs_its_process(tmp_path: Path):
    service = next(code for code in blocks(ROOT / "README.md", "python") if "serve()" in code)
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn" / "my_service_process.bpmn").write_bytes(ONE_TASK)
    (tmp_path / "service.py").write_text(service)
    (tmp_path / "run.py").write_text(RUN)
    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip().splitlines()[-1:] == ["True"], done.stderr


RUN = """
import asyncio
from service import builder

async def main():
    async with builder.running() as workflow:
        start = workflow.start_process_and_wait
        scope = await start("myServiceProcess", {"userId": "42"}, timeout=20)
        print(scope["emailSent"])

asyncio.run(main())
"""

ONE_TASK = one_task("myServiceProcess", "sendEmail", more="name='Send e-mail'").content
