"""How a handler's end becomes a command: the table, row by row, without a worker."""

import asyncio
from datetime import timedelta

import pytest

from workflow_runtime import (
    BpmnError,
    InvalidScope,
    Retry,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowIncident,
)
from workflow_runtime._worker.attempts.attempt import Attempt
from workflow_runtime._worker.attempts.retry_budget import Marker
from workflow_runtime._worker.handler_call import HANDED_BACK, NOT_CALLED, HandlerResult
from workflow_runtime._worker.outcome import (
    Complete,
    Fail,
    Gone,
    HandBack,
    HandBackReason,
    Throw,
    outcome_of,
)

CONFIG = TaskHandlerConfig(
    retry_policy=RetryPolicy(timedelta(seconds=8), jitter=0, non_retryable=(KeyError,))
)


@pytest.fixture
def attempt(new_job):
    def make(failures=0, remaining=2, marked=0, alone=0, **known):
        marker = Marker(failures, marked, alone)
        return Attempt(new_job(retries=3), CONFIG, marker, remaining, **known)

    return make


@pytest.mark.parametrize(
    ("result", "kind", "retries", "seconds"),
    [
        (HandlerResult(object()), Fail, 0, 0),
        (HandlerResult(error=ValueError("no")), Fail, 2, 8),
        (HandlerResult(error=asyncio.CancelledError()), Fail, 2, 8),
        (HandlerResult(error=Retry(3)), Fail, 2, 3),
        (HandlerResult(error=WorkflowIncident("no")), Fail, 0, 0),
        (HandlerResult(error=KeyError("no")), Fail, 0, 0),
        (HandlerResult(error=BpmnError("lost", scope={"a": object()})), Fail, 0, 0),
    ],
    ids=["no JSON", "exception", "cancelled by others", "retry", "incident", "never again",
         "error without JSON"],
)  # fmt: skip
def test_what_fails_says_what_is_left_and_when_it_is_tried_again(
    attempt, result, kind, retries, seconds
):
    outcome = outcome_of(attempt(), result)
    assert (type(outcome), outcome.retries) == (kind, retries)
    assert outcome.backoff == timedelta(seconds=seconds)
    assert outcome.is_incident == (retries == 0)
    # A job carries how often it was given up, to whichever replica tries it again.
    given_up = {} if retries else {"incidents": 1}
    assert outcome.scope == {"workflowRuntimeFailures": {"job": "1", "failures": 1} | given_up}


def test_a_scope_that_does_not_fit_is_an_incident_among_other_exceptions_too(attempt):
    error = InvalidScope("the scope does not fit Order:\namount: Field required (missing)")
    alone = outcome_of(attempt(), HandlerResult(error=error))
    assert (alone.is_incident, alone.message) == (True, str(error))
    group = ExceptionGroup("of a TaskGroup", [ValueError("first"), error])
    among_others = outcome_of(attempt(), HandlerResult(error=group))
    assert among_others.is_incident
    assert "amount: Field required" in among_others.message


def test_the_last_attempt_does_not_wait(attempt):
    outcome = outcome_of(attempt(failures=2, remaining=0), HandlerResult(error=ValueError("no")))
    assert (outcome.is_incident, outcome.backoff) == (True, timedelta(0))


def test_what_does_not_fail_completes_or_throws(attempt):
    assert outcome_of(attempt(), HandlerResult()) == Complete({})
    assert outcome_of(attempt(), HandlerResult({"a": 1})) == Complete({"a": 1})
    thrown = outcome_of(attempt(), HandlerResult(error=BpmnError("lost", "no parcel", {"a": 1})))
    assert thrown == Throw("lost", "no parcel", {"a": 1})


def test_a_job_that_is_handed_back_says_why_in_a_field_and_keeps_its_retries(attempt):
    outcome = outcome_of(attempt(), HANDED_BACK)
    assert outcome == HandBack(3, HandBackReason.STOPPING)
    assert outcome.message == "handed back: the service is stopping"


def test_a_note_is_taken_back_with_the_job(attempt):
    noted = attempt(failures=1, marked=2, unfinished=3, noted=True)
    marker = {"job": "1", "failures": 1, "unfinished": 2}
    assert outcome_of(noted, HANDED_BACK).scope == {"workflowRuntimeFailures": marker}


def test_a_job_that_has_ended_elsewhere_needs_no_command(attempt):
    assert outcome_of(attempt(), HandlerResult(cancelled="gone")) == Gone()


def test_a_poisoned_job_is_given_up_unless_the_service_stops(attempt):
    poisoned = attempt(unfinished=5, poisoned=True)
    outcome = outcome_of(poisoned, NOT_CALLED)
    assert outcome.is_incident
    assert outcome.message == "given up after 5 activations that never came to an end"
    assert isinstance(outcome_of(poisoned, HANDED_BACK), HandBack)
