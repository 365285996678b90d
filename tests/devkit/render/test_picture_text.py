"""Names break where they may, and fit where they stand."""

from hypothesis import given
from hypothesis import strategies as st

from workflow_devkit.render.labels import inside_label, outside_label
from workflow_devkit.render.text_size import text_width, wrap
from workflow_runtime.bpmn.model import Box, Point


def test_widths_are_those_of_the_font():
    assert text_width("Hello, World", 12) == 65.34  # Arial: 722 + 556 + 222 + 222 + 556 + …
    assert text_width("Äé", 10) == text_width("Ae", 10)
    assert text_width("漢字", 10) == 20
    assert text_width("", 12) == 0


def test_names_break_at_spaces_and_hyphens():
    assert wrap("Send confirmation e-mail", 90, 12) == ["Send", "confirmation", "e-mail"]
    assert wrap("Collapsed Sub-Process", 80, 11) == ["Collapsed Sub-", "Process"]
    assert wrap("one\ntwo", 90, 12) == ["one", "two"]


def test_a_word_that_is_too_long_is_cut_and_too_many_lines_end_in_an_ellipsis():
    assert wrap("x" * 30, 60, 12) == ["x" * 10, "x" * 10, "x" * 10]
    assert wrap("calculatePersonAge", 86, 12) == ["calculatePerson", "Age"]
    lines = wrap("word " * 50, 60, 12, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")


@given(st.text(max_size=300), st.floats(1, 300))
def test_no_line_is_wider_than_its_room_unless_it_is_one_character(content, room):
    for line in wrap(content, room, 12):
        assert len(line) == 1 or text_width(line, 12) <= room + 1e-6


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_nothing_but_white_space_is_lost(content):
    kept = "".join(wrap(content, 50, 12, most=1000))
    assert "".join(kept.split()) == "".join(content.split())


def test_a_name_in_a_task_stays_in_it():
    label = inside_label("A very long name " * 20, Box(0, 0, 100, 80))
    assert label.box.height <= 80
    assert label.lines[-1].endswith("…")


def test_a_name_outside_stands_where_the_file_says_and_words_stay_whole():
    label = outside_label("Registered twice", Box(10, 20, 12, 14), Point(0, 0))
    assert label.lines == ("Registered", "twice")
    assert label.box.x + label.box.width / 2 == 16
    assert label.box.y == 20
