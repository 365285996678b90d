"""`workflow render`: files in, pictures out."""

import json
import struct
import sys
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from workflow_devkit.render import png
from workflow_runtime.cli._app import app


def run(*arguments):
    return CliRunner().invoke(app, ["render", *map(str, arguments)])


def test_without_a_target_the_picture_lies_beside_the_diagram(diagram):
    done = run(diagram)
    assert done.exit_code == 0
    assert done.output == f"{diagram.with_suffix('.svg')}: written\n"
    assert ET.parse(diagram.with_suffix(".svg")).getroot().tag.endswith("svg")


def test_a_picture_can_go_to_stdout(diagram):
    done = run(diagram, "-o", "-")
    assert ET.fromstring(done.output).get("role") == "img"


def test_png_has_the_pixels_that_were_asked_for(diagram, tmp_path):
    run(diagram, "-o", tmp_path / "one.svg")
    width = float(ET.parse(tmp_path / "one.svg").getroot().get("width"))
    done = run(diagram, "-o", tmp_path / "one.png", "--scale", "3", "--json")
    assert json.loads(done.output) == [{"file": str(diagram), "picture": str(tmp_path / "one.png")}]
    header = (tmp_path / "one.png").read_bytes()[:24]
    assert header[1:4] == b"PNG"
    assert struct.unpack(">I", header[16:20])[0] == pytest.approx(3 * width, abs=1)


def test_several_diagrams_go_to_a_folder(diagram, tmp_path):
    (tmp_path / "other.bpmn").write_bytes(diagram.read_bytes())
    assert run(tmp_path, "-o", tmp_path / "pictures").exit_code == 0
    assert {p.name for p in (tmp_path / "pictures").iterdir()} == {"order.svg", "other.svg"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["order.bpmn", "-o", "x.pdf"], "ends in .svg or .png"),
        (["order.bpmn", "again/order.bpmn", "-o", "x.svg"], "name a folder"),
        (["order.bpmn", "again/order.bpmn", "-o", "all"], "two of the files"),
        (["order2.bpmn"], "did you mean 'order.bpmn'?"),
        (["order.bpmn", "--counts", "none.json"], "No such file"),
        (["order.bpmn", "--counts", "order.bpmn"], "no JSON"),
        (["order.bpmn", "--counts", "bad.json"], "counts.a"),
        (["order.bpmn", "--counts", "other.json"], "nothing about order.bpmn; it has: x.bpmn"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(diagram, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "again").mkdir()
    (tmp_path / "again/order.bpmn").write_bytes(diagram.read_bytes())
    (tmp_path / "bad.json").write_text('{"counts": {"a": "often"}}')
    report = {"diagrams": [{"file": "x.bpmn", "elements": [], "flows": []}]}
    (tmp_path / "other.json").write_text(json.dumps(report))
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_a_file_that_is_no_diagram_is_named(tmp_path):
    (tmp_path / "x.bpmn").write_text("<definitions")
    done = run(tmp_path / "x.bpmn")
    assert done.exit_code == 1
    assert f"{tmp_path / 'x.bpmn'}:1: expected an XML file" in done.output


def test_counts_are_drawn_over_the_diagram(diagram, tmp_path):
    marks = {"counts": {"a": 7}, "incidents": {"a": 2}}
    (tmp_path / "counts.json").write_text(json.dumps(marks))
    done = run(diagram, "--counts", tmp_path / "counts.json", "-o", "-")
    assert "a (a): passed 7 times, 2 open incidents" in done.output


def test_a_coverage_report_is_drawn_with_what_was_missed(diagram, tmp_path):
    parts = [{"id": "a", "hits": 1}, {"id": "end", "hits": 0}]
    report = {"diagrams": [{"file": "bpmn/order.bpmn", "elements": parts, "flows": []}]}
    (tmp_path / "report.json").write_text(json.dumps(report))
    done = run(diagram, "--counts", tmp_path / "report.json", "-o", "-")
    assert "end: never passed" in done.output


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [(ImportError("x"), "zeebe-workflow-devkit[render]"), (OSError("x"), "apt install libcairo2")],
)
def test_png_without_its_libraries_says_how_to_get_them(
    diagram, tmp_path, monkeypatch, missing, remedy
):
    class Missing:
        def find_spec(self, name, *_):
            if name == "cairosvg":
                raise missing

    monkeypatch.delitem(sys.modules, "cairosvg", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    done = run(diagram, "-o", tmp_path / "x.png")
    assert done.exit_code == 1
    assert remedy in done.output
    assert not (tmp_path / "x.png").exists()


def test_a_picture_too_large_for_png_is_drawn_smaller(diagram, tmp_path, monkeypatch):
    monkeypatch.setattr(png, "LONGEST", 200)
    done = run(diagram, "-o", tmp_path / "x.png")
    assert done.exit_code == 0
    assert "a larger one would not fit" in done.output
    width = struct.unpack(">I", (tmp_path / "x.png").read_bytes()[16:20])[0]
    assert 198 <= width <= 200
