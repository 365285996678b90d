"""What may have been meant: one word that is close, or nothing."""

import pytest

from workflow_runtime.closest import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("strat", ["stop", "start"], "did you mean 'start'?"),
        ("strat", {"start": 1}, "did you mean 'start'?"),
        ("xyz", ["start"], ""),
        ("start", [], ""),
    ],
)
def test_a_close_word_is_suggested(word, known, said):
    assert did_you_mean(word, known) == said
