"""A line when a state changes, none while it stays."""

from loguru import logger

from workflow_runtime._log.state_log import StateLog


def test_a_state_is_logged_when_it_changes_and_not_while_it_stays():
    lines = []
    sink = logger.add(lines.append, format="{name} {level} {message}")
    state = StateLog()
    try:
        state.enter("", "INFO", "all is well")
        for status in ("UNAVAILABLE", "UNAVAILABLE", "INTERNAL"):
            state.enter(status, "WARNING", "away: {}", status)
        state.enter("", "INFO", "back")
        state.enter("", "INFO", "back")
    finally:
        logger.remove(sink)
    assert [line.strip() for line in lines] == [
        f"{__name__} WARNING away: UNAVAILABLE",
        f"{__name__} WARNING away: INTERNAL",
        f"{__name__} INFO back",
    ]
