"""Lint says something about every spoilt diagram, and never fails on one."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.devkit.lint.lint_cases import CASES
from tests.devkit.lint.lint_variants import VARIANTS

from workflow_devkit.findings import Finding
from workflow_devkit.lint import Options, Profile, lint
from workflow_runtime.errors import DiagramError

DIAGRAMS = [case.bad for case in CASES.values()] + [each for _, each in VARIANTS.values()]
TEXTS = ["", "=", "= ", "=x >", "=f(", "a", "p", "start", "g_a", "R/", "PT", "\n", "ä ö", "true",
         "0 0 9 L-3W * ?", "P99999999999Y"]  # fmt: skip


@st.composite
def spoilt(draw):
    root = etree.fromstring(draw(st.sampled_from(DIAGRAMS)))
    for _ in range(draw(st.integers(1, 4))):
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        _spoil(draw, draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes)))
    return etree.tostring(root)


def _spoil(draw, node, other):
    how = draw(st.sampled_from(["remove", "attribute", "text", "tag", "move"]))
    parent = node.getparent()
    if how == "remove" and parent is not None:
        parent.remove(node)
    elif how == "attribute" and node.attrib:
        node.set(draw(st.sampled_from(sorted(node.attrib))), draw(st.sampled_from(TEXTS)))
    elif how == "text":
        node.text = draw(st.sampled_from(TEXTS))
    elif how == "tag":
        node.tag = other.tag
    elif how == "move" and parent is not None and node not in (other, *other.iterancestors()):
        other.append(node)


@given(content=spoilt(), profile=st.sampled_from(list(Profile)))
@settings(max_examples=300, deadline=None)
def test_a_spoilt_diagram_is_linted(content, profile):
    try:
        found = lint(content, "x.bpmn", Options(profile))
    except DiagramError:
        return
    for finding in found:
        assert isinstance(finding, Finding)
        assert finding.message
        assert finding.remedy
