"""Test suites that clients bring along: what they found, and what they were expected to find."""


def check(found, expected):
    """Holds a suite's outcome to a list of failures, strictly in both directions.

    Args:
        found: test -> the text of its failure, empty if it passed.
        expected: test that has to fail -> a part of that text.
    """
    assert found.keys() - expected.keys(), "the suite ran no test that may pass"
    unknown = expected.keys() - found.keys()
    assert not unknown, f"expected to fail, but not in the suite: {sorted(unknown)}"
    better = [test for test in expected if not found[test]]
    assert not better, f"expected to fail, but passed (take the line out): {better}"
    for test, text in found.items():
        assert not text or test in expected, f"{test} failed:\n{text[-3000:]}"
        assert expected.get(test, "") in text, f"{test} failed otherwise:\n{text[-3000:]}"
