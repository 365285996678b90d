"""`pytest --bpmn-cov`: what the tests of a run passed, counted, reported and judged."""

import json
from xml.etree import ElementTree as ET

import pytest
from tests.devkit.testing.conftest import DIAGRAM

SERVICE = """
from pathlib import Path
import pytest
from workflow_runtime import WorkflowBuilder

HERE = Path(__file__).parent

@pytest.fixture
def builder():
    return (
        WorkflowBuilder("orders", "embedded://")
        .with_process(HERE / "bpmn" / "order.bpmn")
        .with_handler("order_reserve", lambda task: {})
        .with_handler("order_ship", lambda task: {})
    )
"""
TESTS = """
async def test_paid(process_environment, builder):
    async with process_environment(builder) as process:
        await process.start("order", {"orderId": "1"})
        await process.publish("order_paid", correlation_key="1")
        await process.wait_idle()

async def test_reserved(process_environment, builder):
    async with process_environment(builder) as process:
        await process.start("order", {"orderId": "2"})
        await process.wait_idle()
"""
OTHER = DIAGRAM.replace(b'id="order"', b'id="other"').replace(b"Ship", b"&lt;script&gt;alert(1)")


@pytest.fixture
def service(pytester):
    pytester.makeconftest(SERVICE)
    pytester.makepyfile(TESTS)
    pytester.makeini(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    )
    folder = pytester.mkdir("bpmn")
    (folder / "order.bpmn").write_bytes(DIAGRAM)
    (folder / "other.bpmn").write_bytes(OTHER)
    return pytester


def measured(service, *arguments):
    done = service.runpytest_inprocess("-p", "no:cacheprovider", *arguments)
    report = service.path / "report.json"
    return done, json.loads(report.read_text()) if report.exists() else None


def hits(report, file):
    diagram = next(each for each in report["diagrams"] if each["file"].endswith(file))
    return {part["id"]: part["hits"] for part in (*diagram["elements"], *diagram["flows"])}


def test_elements_and_flows_are_counted_over_the_run(service):
    _, report = measured(service, "--bpmn-cov", "--bpmn-cov-report=json:report.json")
    assert hits(report, "order.bpmn") == {
        "placed": 2, "reserve": 2, "payment": 1, "paid": 1, "late": 0, "ship": 1, "shipped": 1,
        "expired": 0, "f1": 2, "f2": 2, "f3": 1, "f4": 0, "f5": 1, "f6": 0, "f7": 1,
    }  # fmt: skip


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_several_processes_of_pytest_count_together(service):
    arguments = ("--bpmn-cov=bpmn", "--bpmn-cov-report=json:report.json")
    _, alone = measured(service, *arguments)
    done, together = measured(service, *arguments, "-n", "2")
    done.assert_outcomes(passed=2)
    assert together == alone


def test_diagrams_that_no_test_deployed_count_as_never_passed(service):
    done, report = measured(service, "--bpmn-cov=bpmn", "--bpmn-cov-report=json:report.json")
    assert set(hits(report, "other.bpmn").values()) == {0}
    assert report["percent"] == round(100 * 11 / 30, 2)
    done.stdout.re_match_lines(
        [
            r"bpmn/order\.bpmn +11 +15 +73%  late, expired, f4, f6",
            r"bpmn/other\.bpmn +0 +15 +0%  .* and 10 more",
            r"all diagrams +11 +30 +37%",
        ]
    )


def test_a_diagram_without_anything_to_run_has_no_percentage(service):
    idle = DIAGRAM.replace(b'isExecutable="true"', b'isExecutable="false"')
    (service.path / "bpmn" / "other.bpmn").write_bytes(idle)
    arguments = ("--bpmn-cov=bpmn", "--bpmn-cov-report=html:page.html")
    done, _ = measured(service, *arguments)
    done.stdout.re_match_lines([r"bpmn/other\.bpmn +0 +0 +-$", r"all diagrams +11 +15 +73%"])
    assert "other.bpmn: nothing to run</h2>" in (service.path / "page.html").read_text()


@pytest.mark.parametrize(("wanted", "exit_code"), [("73", 0), ("74", 1)])
def test_too_little_coverage_fails_the_run(service, wanted, exit_code):
    done, _ = measured(service, "--bpmn-cov", f"--bpmn-cov-fail-under={wanted}")
    assert done.ret == exit_code
    assert ("FAILED: 73.3 %" in done.stdout.str()) == bool(exit_code)


def test_the_page_shows_each_diagram_coloured_counted_and_without_script(service):
    measured(service, "--bpmn-cov=bpmn", "--bpmn-cov-report=html:page.html")
    page = (service.path / "page.html").read_text()
    assert page.count("<svg") == 2
    assert "<title>Reserve the goods (reserve): passed 2 times</title>" in page
    assert "<title>Too late (late): never passed</title>" in page
    assert "15 elements and flows, 4 never passed" in page
    assert "<script" not in page


def test_the_xml_for_ci_counts_elements_as_lines_and_flows_as_branches(service):
    measured(service, "--bpmn-cov", "--bpmn-cov-report=xml:cobertura.xml")
    root = ET.parse(service.path / "cobertura.xml").getroot()
    assert (root.get("lines-covered"), root.get("lines-valid")) == ("6", "8")
    assert (root.get("branches-covered"), root.get("branches-valid")) == ("5", "7")
    lines = root.findall(".//line")
    assert len(lines) == 15
    assert all(int(line.get("number")) > 0 for line in lines)


def test_a_wrong_option_is_refused_before_any_test_runs(service):
    done, _ = measured(service, "--bpmn-cov=nowhere")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done, _ = measured(service, "--bpmn-cov-report=pdf")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*expected one of html, json, xml, got 'pdf'*"])
