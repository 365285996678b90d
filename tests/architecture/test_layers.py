"""The seams of the runtime hold: who may import what."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "runtime" / "src" / "workflow_runtime"
GRPC_FILES = {"gateway/zeebe.py", "gateway/credentials.py", "engine/server.py"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def offenders(folders: tuple[str, ...], forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{name(module)} imports {imported}"
        for module in MODULES
        if name(module).startswith(folders)
        for imported in imports(module)
        if imported.startswith(forbidden)
    ]


def test_only_the_transport_files_import_grpc_or_pyzeebe():
    users = {
        name(m)
        for m in MODULES
        if any(i.split(".")[0] in {"grpc", "grpc_health", "pyzeebe"} for i in imports(m))
    }
    assert users == GRPC_FILES


@pytest.mark.parametrize(
    ("folders", "forbidden"),
    [
        (
            ("feel/",),
            (
                "workflow_runtime.engine",
                "workflow_runtime.bpmn",
                "workflow_runtime._worker",
                "workflow_runtime.gateway",
            ),
        ),
        (
            ("bpmn/",),
            (
                "workflow_runtime.engine",
                "workflow_runtime._worker",
                "workflow_runtime.gateway",
                "workflow_runtime.builder",
                "workflow_runtime._contract",
            ),
        ),
        (
            ("engine/", "gateway/"),
            ("workflow_runtime._worker", "workflow_runtime.builder", "workflow_runtime.workflow"),
        ),
        (
            ("_worker/",),
            (
                "workflow_runtime.engine",
                "workflow_runtime.gateway.zeebe",
                "workflow_runtime.gateway.embedded",
            ),
        ),
    ],
    ids=[
        "feel stands alone",
        "bpmn knows only feel",
        "gateways do not know the worker",
        "the worker knows only the port",
    ],
)
def test_data_flows_one_way(folders, forbidden):
    assert offenders(folders, forbidden) == []
