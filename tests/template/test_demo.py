"""The demo fails when something fails, and says what."""

import sys

import pytest
from tools import demo


def test_a_process_that_dies_ends_the_demo_with_its_last_words(tmp_path):
    cwd = tmp_path / "service"
    cwd.mkdir()
    command = (sys.executable, "-c", "import sys; sys.exit('no engine today')")
    stand = demo.Stand(tmp_path / "workflow", "http://127.0.0.1:1", tmp_path / "records.jsonl")
    with demo.background("engine", *command, cwd=cwd, env={}) as engine:
        stand.processes.append(engine)
        with pytest.raises(demo.DemoFailed, match=r"the engine ended with 1:\nno engine today"):
            stand.wait_for("anything", lambda _: False)


def test_a_step_that_never_happens_ends_the_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "PATIENCE", 0.1)
    stand = demo.Stand(tmp_path / "workflow", "http://127.0.0.1:1", tmp_path / "records.jsonl")
    with pytest.raises(demo.DemoFailed, match="for the event"):
        stand.wait_for("the event", lambda _: False)


def test_a_command_that_fails_ends_the_demo_with_its_output():
    with pytest.raises(demo.DemoFailed, match=r"(?s)ended with 3:.*out of order"):
        demo.run(sys.executable, "-c", "print('out of order'); raise SystemExit(3)")


def test_failure_is_told_by_the_exit_code(monkeypatch, capsys):
    def broken(_folder):
        raise demo.DemoFailed("the engine is broken")

    monkeypatch.setattr(demo, "demo", broken)
    monkeypatch.setattr(sys.stdout, "reconfigure", lambda **_: None, raising=False)
    with pytest.raises(SystemExit) as end:
        demo.main()
    assert end.value.code == "demo: failed: the engine is broken"
    assert "completed" not in capsys.readouterr().out


def test_elements_are_shown_as_they_are_passed_even_when_a_line_is_half_written(tmp_path, capsys):
    records = tmp_path / "records.jsonl"
    stand = demo.Stand(tmp_path / "workflow", "http://127.0.0.1:1", records, names={7: "ann"})
    line = (
        '{"valueType": "PROCESS_INSTANCE", "intent": "ELEMENT_COMPLETED", "key": 9, "value": '
        '{"elementId": "pay", "bpmnElementType": "SERVICE_TASK", "processInstanceKey": 7}}\n'
    )
    records.write_text(line + line[:20])
    stand.wait_for("pay", demo.at(7, "pay", "ELEMENT_COMPLETED"))
    assert capsys.readouterr().out == "ann:   pay (service task)\n"
