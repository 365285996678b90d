"""Small questions that the real engine's free parts were asked: cron, timers, files."""

from datetime import UTC, datetime

import pytest
from tests.conformance.test_models import deploy
from tests.support import cases

from workflow_runtime.bpmn.cron import CronError, following_by_cron
from workflow_runtime.bpmn.model import TimerKind
from workflow_runtime.engine.timers import _READERS

NOW = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
BOTH_DAYS = "the day of the month and that of the week must both fit; here one is enough"
SPRING_ONLY = "last days are Spring's; here they are refused"
BACKWARDS = "a range that goes backwards is refused; here it goes over midnight"
STEPS_OF_A_DAY = "steps from a weekday go on to Sunday, which is 7; here it is 0"
CRON_DIFFERS = {
    "0 0 9 13 * FRI": BOTH_DAYS,
    "0 0 0 1 1 MON": BOTH_DAYS,
    "0 0 9 1-5 * MON-FRI": BOTH_DAYS,
    "0 0 0 1 * MON-WED": BOTH_DAYS,
    "0 0 0 L * MON": BOTH_DAYS,
    "0 0 9 */2 * MON": BOTH_DAYS,
    "0 0 0 L-3 * *": SPRING_ONLY,
    "0 0 0 2L * *": SPRING_ONLY,
    "0 0 0 * * 5L": SPRING_ONLY,
    "0 0 0 * * L": SPRING_ONLY,
    "0 0 20-10 * * *": BACKWARDS,
    "0 0 22-2 * * *": BACKWARDS,
    "0 0 0 * * 1/2": STEPS_OF_A_DAY,
    "0 0 0 31 6 *": "a text that fits no day is taken, and never due; here it is refused",
}
SCHEMA = "the schema refuses it; here it is read"
FILES_DIFFER = {
    "message_in_process.bpmn": SCHEMA,
    "no_target_ns.bpmn": SCHEMA,
    "text_in_process.bpmn": SCHEMA,
    "unknown_el.bpmn": SCHEMA,
    "isForComp.bpmn": "a compensation handler that a flow leads to is refused; here it is taken",
}
TIMERS_DIFFER = {
    "R3/-PT1M": "an interval that goes back is taken; here it is refused",
    "R3/PT1M ": "a space at the end is refused; here it is left out",
    "2026-03-02T13:00:00@Europe/Berlin": "a zone after @ is refused; here it is read as in FEEL",
    "2026-03-02T13:00:00+01": "hours alone are an offset; here they are refused",
}


def params(name, field):
    return [pytest.param(case, id=case[field]) for case in cases.read_data(name)]


def six_times(text):
    """The next times of a cron text, or None where it is refused."""
    moment, found = NOW, []
    try:
        following = following_by_cron(text)
        for _ in range(6):
            moment = following(moment)
            found.append(f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}")
    except CronError:
        return None
    return found


def due(kind, text):
    """When a timer is due, in the form of the recorded answers."""
    try:
        schedule = _READERS[TimerKind[kind.upper()]](text, NOW)
    except (ValueError, CronError):
        return "INVALID"
    if kind != "cycle":
        return str(schedule.due)
    following = schedule.following(schedule.due)
    return f"{schedule.due} rep={schedule.repetitions} next={following}"


@pytest.mark.parametrize("case", params("cron/spring53.jsonl", "cron"))
def test_a_cron_text_is_due_when_the_real_engine_says(case):
    found, wanted = six_times(case["cron"]), case["next_after_2026-03-02T12:00:00Z"]
    assert (found == wanted) is (case["cron"] not in CRON_DIFFERS), (found, wanted)


@pytest.mark.parametrize("case", params("timers/timers.jsonl", "text"))
def test_a_timer_text_is_due_when_the_real_engine_says(case):
    found, wanted = due(case["kind"], case["text"]), case["answer"]
    assert (found == wanted) is (case["text"] not in TIMERS_DIFFER), (found, wanted)


@pytest.mark.parametrize("case", params("xml/expected.json", "file"))
def test_a_file_is_taken_or_refused_as_by_the_real_model(case):
    code, found = deploy(cases.read(f"xml/{case['file']}"), case["file"])
    same = (code == "OK") is case["taken"]
    assert same is (case["file"] not in FILES_DIFFER), (found, case["reason"])
