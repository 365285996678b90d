"""What is one story: the same element and the same cause, whatever the messages name."""

import pytest
from tests.runtime.alerts.raised import alert

from workflow_runtime.alerts.grouping import group_of


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("ValueError: no", "ValueError"),
        ("ValueError", "ValueError"),
        ("ValueError: no\n\n  File 'shop.py', line 3", "ValueError"),
        ("KeyError: 'card of Anna'", "KeyError"),
        ("gaierror: [Errno -2] Name or service not known", "gaierror"),
        ("ReadTimeout: no answer", "ReadTimeout"),
        ("CardRefused: 4111", "CardRefused"),
        ("HTTPStatusError: 500", "HTTPStatusError"),
        ("java.lang.IllegalStateException: no", "IllegalStateException"),
        ("the account of Anna is closed", ""),
        ("Anna: no address", ""),
        ("Anna Schmidt: no address", ""),
        ("A1B2C3D4: not found", ""),
        ("aGVsbG8gd29ybGQ: not found", ""),
        ("3f2b8c1e-0a1b-4c5d-8e9f-001122334455: not found", ""),
        ("anna@example.com", ""),
        ("mail away\ncaused by ConnectionError: no, in connect (mail.py:1)", "ConnectionError"),
        ("mail of\nAnna\ncaused by ReadTimeout\ncaused by OSError: no", "ReadTimeout"),
        ("mail away\ncaused by Anna: no", ""),
        ("mail away, caused by ConnectionError: no", ""),
        ("CardRefused: 4111\ncaused by ConnectionError: no", "CardRefused"),
        ("", ""),
    ],
)
def test_a_type_at_the_beginning_is_a_cause_and_names_and_ids_are_none(message, cause):
    assert group_of(alert(message)) == ("order", "pay", "JOB_NO_RETRIES", cause)


def test_a_cause_that_only_the_worker_is_told_makes_no_group():
    told = alert(
        "no event catches E: no\ncaused by OSError: no", error_type="UNHANDLED_ERROR_EVENT"
    )
    found = alert("Expected to throw an error event", error_type="UNHANDLED_ERROR_EVENT")
    assert group_of(told) == group_of(found)
