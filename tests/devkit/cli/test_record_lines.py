"""What `workflow dev` says of an instance while it runs."""

import pytest
from tests.support.diagrams import resource

from workflow_devkit.cli._record_lines import as_text
from workflow_devkit.engine import ControlledClock, Engine


@pytest.fixture
def waits():
    """Tells at which elements an instance of a process with this element is said to wait."""

    def run(element):
        engine = Engine(ControlledClock())
        lines = []
        engine.records.subscribe(lambda record: lines.append(as_text(record) or ""))
        engine.deploy([resource(f"start s\n{element}\nend e\ns -> x -> e", "p")])
        engine.create_instance("p", {})
        return [line.rpartition(" ")[2] for line in lines if "  waits at " in line]

    return run


@pytest.mark.parametrize(
    "element",
    [
        "service x job=do",
        "send x job=do",
        "rule x job=do",
        "script x job=do",
        "throw x message=m job=do",
        "user x",
        "catch x timer.duration=PT1M",
    ],
)
def test_an_instance_waits_where_it_cannot_go_on_by_itself(waits, element):
    assert waits(element) == ["x"]


def test_a_script_that_the_engine_evaluates_is_not_waited_for(waits):
    assert waits("script x eval==1 into=one") == []


def test_what_replicas_tell_one_another_is_no_event_of_anybodys():
    engine, lines = Engine(ControlledClock()), []
    engine.records.subscribe(lambda record: lines.append(as_text(record)))
    engine.publish_message("workflowRuntimeClaim", "shop", {}, time_to_live=0)
    assert not any(lines)
    engine.publish_message("paid", "42", {}, time_to_live=0)
    assert any(lines)
