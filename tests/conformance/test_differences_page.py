"""The page about differences names everything that the engine says it does not run."""

from pathlib import Path

import pytest
from tests.support.diagrams import bpmn
from tests.support.zeebe_stubs import pb

from workflow_devkit.engine import Engine
from workflow_devkit.engine.deploy_rules.tables import NOT_RUN
from workflow_devkit.engine.grpc_server import RPCS
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/engine-differences.md").read_text(encoding="utf-8")
PROTOCOL = {method.name for method in pb.DESCRIPTOR.services_by_name["Gateway"].methods}


def refusal(diagram):
    with pytest.raises(InvalidArgument) as found:
        Engine().deploy([Resource("main.bpmn", bpmn(diagram, "main"))])
    return str(found.value)


def test_there_are_extensions_that_only_a_broker_runs():
    assert len(NOT_RUN) >= 4


@pytest.mark.parametrize("tag", NOT_RUN)
def test_the_page_names_an_extension_that_only_a_broker_runs(tag):
    assert f"`{tag}`" in PAGE


def test_the_engine_runs_some_commands_and_not_all():
    assert RPCS < PROTOCOL


@pytest.mark.parametrize("rpc", sorted(PROTOCOL - RPCS))
def test_the_page_names_a_command_that_only_a_broker_runs(rpc):
    assert f"`{rpc}`" in PAGE


@pytest.mark.parametrize("rpc", sorted(RPCS))
def test_a_command_that_the_engine_runs_is_not_listed_as_not_run(rpc):
    section = PAGE.partition("\n## What it does not run\n")[2].partition("\n## ")[0]
    assert section
    assert f"`{rpc}`" not in section


def test_compensation_is_refused_as_the_older_broker_does():
    text = refusal(
        "start s\nservice t job=work\nboundary b on=t compensate\nend e\ns -> t -> e\nb -> e\n"
    )
    assert "- Element: b > compensateEventDefinition\n" in text
    assert "Event definition of this type is not supported" in text
    assert "- Element: b\n    - ERROR: Boundary events must be one of: " in text
