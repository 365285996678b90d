"""The glossary: in order, each word once, and its links lead to words and pages."""

import re

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "glossary.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROW = re.compile(r'^\| <a id="([a-z-]+)"></a>([\w ]+) \| (.+) \| (.+) \|$', re.MULTILINE)
ROWS = ROW.findall(TEXT)
WANTED = {
    "attempt", "backoff", "boundary event", "correlation key", "deadline", "element", "escalation",
    "event", "gateway", "handler", "incident", "job", "lease", "message", "oracle", "outbox",
    "process instance", "recording", "relay", "retry", "scenario", "scope", "signal", "stand",
    "task", "task type", "variable",
}  # fmt: skip


def test_every_row_can_be_read():
    assert len(ROWS) == TEXT.count("\n| ") - 1  # the heading


def test_words_are_in_order_and_none_comes_twice():
    words = [word.lower() for _, word, _, _ in ROWS]
    assert words == sorted(set(words))
    assert set(words) >= WANTED


def test_a_word_is_found_under_its_own_name():
    assert [(i, w) for i, w, _, _ in ROWS if i != w.lower().replace(" ", "-")] == []


def test_links_lead_to_words_and_pages():
    anchors = {anchor for anchor, *_ in ROWS}
    links = re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", TEXT)
    assert [anchor for page, anchor in links if not page and anchor not in anchors] == []
    assert [page for page, _ in links if page and not (PAGE.parent / page).exists()] == []


def test_no_word_explains_itself_by_a_link_to_itself():
    assert [word for anchor, word, here, _ in ROWS if f"(#{anchor})" in here] == []
