"""The API page shows every public name of both packages."""

import re
from importlib import import_module

import pytest
from tests.docs.pages import ROOT

SHOWN = re.findall(r"^::: (\S+)$", (ROOT / "docs/reference/api.md").read_text(), re.MULTILINE)
OFFERING = (
    "workflow_runtime",
    "workflow_runtime.gateway.port",
    "workflow_runtime.gateway.values",
    "workflow_runtime.publishing.outbox",
    "workflow_devkit.testing",
)
ANNOTATIONS = {"Scope"}
"""Names that stand for a type, which the page has in its signatures."""


@pytest.mark.parametrize("module", OFFERING)
def test_every_public_name_is_on_the_page(module: str):
    offered = set(import_module(module).__all__)
    assert sorted(offered - {shown.rpartition(".")[2] for shown in SHOWN} - ANNOTATIONS) == []


@pytest.mark.parametrize("shown", SHOWN)
def test_what_the_page_shows_exists(shown: str):
    module, _, name = shown.rpartition(".")
    assert getattr(import_module(module), name).__doc__
