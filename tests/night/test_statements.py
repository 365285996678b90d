"""How what was told is counted and found."""

from tests.night.statements import Statement, first_match, kind_of, most_in_a_minute


def said(at, head, channel="log"):
    return Statement(at, channel, "replica 1", head)


def test_values_make_no_kinds_of_their_own():
    first = kind_of("job 2251799813685824 ('pay') failed after 1.5 s")
    assert first == kind_of("job 7 ('post') failed after 25 s") == "job # (#) failed after # s"


def test_the_minute_is_any_sixty_seconds_and_not_one_of_the_clock():
    lines = [said(at, f"attempt {at}") for at in (0, 50, 59.9, 60, 100, 119)]
    assert most_in_a_minute(lines) == (4, "attempt #")


def test_kinds_are_counted_apart():
    lines = [said(1, "a"), said(2, "b"), said(3, "a")]
    assert most_in_a_minute(lines) == (2, "a")


def test_each_log_is_counted_by_itself():
    other = Statement(1, "log", "replica 2", "a")
    assert most_in_a_minute([said(1, "a"), other, said(2, "a")]) == (2, "a")


def test_nothing_said_is_nothing_counted():
    assert most_in_a_minute([]) == (0, "")


def test_the_first_of_what_tells_is_found_by_channel_and_text():
    night = [said(3, "Incident in a: b"), said(5, "Incident in a: b", "notice")]
    assert first_match(night, [r"notice Incident in \w+: b"]) is night[1]
    assert first_match(night, ["rule"]) is None
