"""A builder and its settings that are given something of another shape say so, with a remedy."""

from datetime import timedelta
from enum import Enum

import pytest
from pydantic import SecretStr

from workflow_runtime import (
    ConfigurationError,
    DiagramError,
    HandlerError,
    RetryPolicy,
    TaskHandlerConfig,
    WorkflowBuilder,
)


class Types(str, Enum):  # noqa: UP042 - whose `str` is no text of its value
    PAY = "order_pay"


def pay(task):
    pass


@pytest.fixture
def builder():
    return WorkflowBuilder("test", "embedded://")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"variables": "userId"}, r'variables must be like \("userId", "plan"\), not \'userId\''),
        ({"variables": b"userId"}, "variables must be like"),
        ({"variables": 3}, "variables must be like .* not 3"),
        ({"variables": ["userId", 3]}, "variables must be like"),
        ({"variables": ["userId", ""]}, "variables must be like"),
        ({"incident_max_retries": "3"}, "incident_max_retries must be a whole number, .*not '3'"),
        ({"incident_max_retries": 2.5}, "incident_max_retries must be a whole number"),
        ({"max_running": True}, "max_running must be a whole number, .*not True"),
        ({"max_unfinished": None}, "max_unfinished must be a whole number, .*not None"),
        ({"job_timeout": 30}, r"job_timeout must be a timedelta, such as timedelta\(seconds=30\)"),
        ({"job_timeout": "30"}, "job_timeout must be a timedelta"),
        ({"retry_timeout": 0.5}, "retry_timeout must be a timedelta"),
        ({"heartbeat": "no"}, "heartbeat must be True or False, not 'no'"),
        ({"heartbeat": None}, "heartbeat must be True or False, not None"),
        ({"stream": 1}, "stream must be True or False, not 1"),
        ({"retry_policy": {"jitter": 0}}, r"retry_policy must be a RetryPolicy, such as"),
        ({"retry_policy": None}, "retry_policy must be a RetryPolicy"),
    ],
)
def test_a_handlers_configuration(fields, sentence):
    with pytest.raises(ConfigurationError, match=f"TaskHandlerConfig: {sentence}"):
        TaskHandlerConfig(**fields)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"non_retryable": ValueError}, r"non_retryable must be like \(ValueError, LookupError\)"),
        ({"non_retryable": "ValueError"}, "non_retryable must be like"),
        ({"non_retryable": ("ValueError",)}, "non_retryable must be like"),
        ({"non_retryable": (ValueError("no"),)}, "non_retryable must be like"),
        ({"initial_interval": 1}, "initial_interval must be a timedelta"),
        ({"initial_interval": None}, "initial_interval must be a timedelta, .*not None"),
        ({"maximum_interval": timedelta.max}, "maximum_interval must be from 0 to 36500 days"),
        ({"backoff_coefficient": "2"}, "backoff_coefficient must be a number, .*not '2'"),
        ({"backoff_coefficient": float("nan")}, "backoff_coefficient must be 1 or more"),
        ({"jitter": None}, "jitter must be a number"),
    ],
)
def test_a_retry_policy(fields, sentence):
    with pytest.raises(ConfigurationError, match=f"RetryPolicy: {sentence}"):
        RetryPolicy(**fields)


def test_the_longest_wait_of_a_policy_can_be_computed():
    policy = RetryPolicy(maximum_interval=timedelta(days=36_500), jitter=1)
    assert policy.delay(10_000, lambda: 1) == timedelta(days=73_000)


@pytest.mark.parametrize("given", [{"max_running": 3}, RetryPolicy(), "fast", 0])
def test_something_else_as_configuration(builder, given):
    with pytest.raises(ConfigurationError, match=r"must be a TaskHandlerConfig, such as .*, not"):
        builder.with_handler("pay", pay, given)


def test_a_field_that_is_unknown_at_the_decorator_not_at_the_function(builder):
    with pytest.raises(ConfigurationError, match="has no 'retries': write incident_max_retries"):
        builder.task("pay", retries=3)


@pytest.mark.parametrize("given", [None, 3, pay, ["pay"]])
def test_a_task_type_that_is_no_text(builder, given):
    sentence = r'must be a text, not .*@builder\.task\("order_pay"\)'
    with pytest.raises(HandlerError, match=sentence):
        builder.with_handler(given, pay)
    with pytest.raises(HandlerError, match=sentence):
        builder.with_external(given)


def test_the_decorator_without_brackets(builder):
    with pytest.raises(HandlerError, match="must be a text, not function"):
        builder.task(pay)


def test_a_member_of_an_enum_of_texts_stands_for_its_value(builder):
    builder.with_handler(Types.PAY, pay).with_external(Types.PAY)
    assert (builder.job_types, builder.external) == (("order_pay",), ("order_pay",))
    config = TaskHandlerConfig(variables=[Types.PAY])
    assert config.variables == ("order_pay",)
    assert builder.without_handler(Types.PAY).job_types == ()


def test_names_are_taken_from_a_list_a_set_or_a_generator():
    for names in (["a"], {"a"}, frozenset("a"), (name for name in ["a"]), {"a": 1}.keys()):
        assert TaskHandlerConfig(variables=names).variables == ("a",)


def test_a_second_handler_says_where_both_are(builder):
    namespace = {"__name__": "shop.tasks"}
    exec("def pay(task):\n    pass\n", namespace)
    builder.with_handler("order_pay", pay)
    sentence = (
        r"'order_pay' has two handlers, pay and pay: remove one \(tests\.strangers\.test_wrong_"
        r"shapes, line \d+; shop\.tasks, line 1\), or register it once"
    )
    with pytest.raises(HandlerError, match=sentence):
        builder.with_handler("order_pay", namespace["pay"])


@pytest.mark.parametrize("given", [["a.bpmn", "b.bpmn"], None, 3])
def test_processes_that_are_no_path(builder, given):
    with pytest.raises(DiagramError, match=r"expected a path or a glob, found .*call it once"):
        builder.with_process(given)


def test_settings_that_are_none():
    with pytest.raises(ConfigurationError, match=r"must be WorkflowSettings, not dict; .*of a"):
        WorkflowBuilder.from_settings({"address": "embedded://"})


def test_an_address_that_is_no_text():
    with pytest.raises(ConfigurationError, match="address must be a text, not int"):
        WorkflowBuilder("test", 26500)


def test_a_password_that_is_hidden_already_is_taken_as_it_is():
    builder = WorkflowBuilder("test", "embedded://", "shop", SecretStr("secret"))
    assert builder.settings.password.get_secret_value() == "secret"
