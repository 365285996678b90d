"""Words of pyzeebe, of other clients and plain slips are told what they are called here."""

import asyncio
import copy
import dataclasses
import inspect
import pickle
import re
from datetime import timedelta

import pytest
from pydantic_settings import SettingsConfigDict

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_runtime import (
    ConfigurationError,
    RetryPolicy,
    SyncWorkflow,
    TaskHandlerConfig,
    Workflow,
    WorkflowBuilder,
    WorkflowSettings,
    WorkflowTask,
)
from workflow_runtime.foreign_words import ARGUMENTS, ATTRIBUTES
from workflow_runtime.gateway.values import ActivatedJob
from workflow_runtime.handler_config import handler_config

CLASSES = {
    each.__name__: each
    for each in (
        *(WorkflowBuilder, WorkflowTask, TaskHandlerConfig, RetryPolicy, WorkflowSettings),
        SyncWorkflow,
    )
} | {"Control": Workflow}


@pytest.fixture
def builder():
    return WorkflowBuilder("shop", "http://127.0.0.1")


@pytest.fixture
def task():
    return WorkflowTask(ActivatedJob(1, "pay", 2, "order", 3, 4, "pay", 5, {}, "shop", 3, 0, {}))


@pytest.mark.parametrize(
    ("word", "value", "ours"),
    [
        ("timeout_ms", 10_000, "job_timeout=timedelta(milliseconds="),
        ("timeout", 10, "job_timeout=timedelta("),
        ("lockDuration", 10, "job_timeout=timedelta("),
        ("max_jobs_to_activate", 32, "max_running="),
        ("max_running_jobs", 32, "max_running="),
        ("maxJobsActive", 32, "max_running="),
        ("concurrency", 4, "max_running="),
        ("variables_to_fetch", ["a"], "variables=[...]"),
        ("fetchVariables", ["a"], "variables=[...]"),
        ("single_value", True, 'return {"name": value}'),
        ("variable_name", "a", 'return {"name": value}'),
        ("task_type", "pay", "the task type is the first argument"),
        ("exception_handler", print, "retry policy"),
        ("before", [print], "middleware=[f]"),
        ("after", [print], "middleware=[f]"),
        ("retries", 3, "incident_max_retries="),
        ("max_retries", 3, "incident_max_retries="),
        ("retryBackoff", 3, "retry_timeout="),
        ("autoComplete", True, "returns its variables"),
        ("tenant_ids", ["a"], "default tenant"),
        ("stream_enabled", True, "stream=True"),
        ("poll_retry_delay", 5, "as soon as there is room"),
        ("job_timeot", 5, "did you mean 'job_timeout'?"),
        ("maxRunning", 5, "did you mean 'max_running'?"),
        ("heart_beat", False, "did you mean 'heartbeat'?"),
        ("colour", "red", "it has incident_max_retries, retry_timeout, "),
    ],
)
def test_a_foreign_word_of_a_handler_is_told_ours(builder, word, value, ours):
    for give in (
        TaskHandlerConfig,
        handler_config,
        lambda **named: builder.task("pay", **named),
        lambda **named: dataclasses.replace(TaskHandlerConfig(max_running=3), **named),
    ):
        with pytest.raises(ConfigurationError) as refused:
            give(**{word: value})
        owner = r"(TaskHandlerConfig|WorkflowBuilder\.task)"
        assert re.match(rf"{owner} has no '{word}': ", str(refused.value))
        assert ours in str(refused.value)


@pytest.mark.parametrize("word", ["task_type", "type", "topic", "taskType"])
def test_the_task_type_by_a_foreign_name_is_told_where_it_goes(builder, word):
    def pay():
        pass

    for give in (builder.task, lambda **named: builder.with_handler(handler=pay, **named)):
        with pytest.raises(ConfigurationError, match="the task type is the first argument"):
            give(**{word: "pay"})


def test_settings_of_a_handler_beside_it_are_told_where_they_go(builder):
    def pay():
        pass

    with pytest.raises(ConfigurationError, match=r"'max_running': .* TaskHandlerConfig\(\.\.\.\)"):
        builder.with_handler("pay", pay, max_running=3)


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("grpc_channel", 'address="http://zeebe:26500"'),
        ("hostname", "address="),
        ("name", "service_name="),
        ("username", "user="),
        ("before", "with_middleware(f)"),
        ("middleware", "with_middleware(f)"),
        ("exception_handler", "retry policy"),
        ("max_connection_retries", "reconnects for as long as it runs"),
        ("poll_retry_delay", "as soon as there is room"),
        ("tenant_ids", "default tenant"),
        ("stream_enabled", "WorkflowSettings(...)"),
        ("max_running", "WorkflowSettings(...)"),
        ("adress", "did you mean 'address'?"),
        ("observer", "did you mean 'observers'?"),
        ("secure", '"https://zeebe:443" is encrypted'),
        ("usePlaintext", '"http://zeebe:26500" is not'),
    ],
)
def test_a_foreign_word_of_the_builder_is_told_ours(word, ours):
    with pytest.raises(ConfigurationError) as refused:
        WorkflowBuilder(**{word: "x"})
    assert str(refused.value).startswith(f"WorkflowBuilder has no '{word}': ")
    assert ours in str(refused.value)


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("timeout_ms", "job_timeout="),
        ("max_runing", "did you mean 'max_running'?"),
        ("adress", "did you mean 'address'?"),
        ("hostname", "address="),
        ("audience", "oauth_audience="),
        ("incident_max_retries", "it is one handler's: @builder.task("),
        ("middleware", "use with_middleware(f)"),
        ("colour", "stalled_handler, tracing"),
        ("insecure", '"http://zeebe:26500" is not'),
        ("maxRetries", "incident_max_retries="),
    ],
)
def test_a_setting_that_is_not_known_is_refused_and_not_ignored(word, ours):
    with pytest.raises(ConfigurationError) as refused:
        WorkflowSettings(**{word: "x"})
    assert str(refused.value).startswith(f"WorkflowSettings has no '{word}': ")
    assert ours in str(refused.value)


def test_settings_are_listed_by_the_names_that_code_uses():
    with pytest.raises(ConfigurationError, match="it has service_name, address, ") as refused:
        WorkflowSettings(camundaCloud="x")
    assert "ZEEBE_" not in str(refused.value)


def test_settings_take_what_they_took(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKFLOW_COLOUR", "red")
    (tmp_path / ".env").write_text("OTHER=1\nWORKFLOW_GRACE=7\nWORKFLOW_SHAPE=round\n")

    class Own(WorkflowSettings):
        region: str = ""

    class Open(WorkflowSettings):
        model_config = SettingsConfigDict(extra="allow")

    own = Own(_env_file=tmp_path / ".env", region="north", ZEEBE_ADDRESS="http://127.0.0.1")
    assert (own.region, own.grace, own.address) == (
        "north", timedelta(seconds=7), "http://127.0.0.1",
    )  # fmt: skip
    assert Open(colour="red").colour == "red"


@pytest.mark.parametrize("word", ["max_interval", "maxDelay", "factor", "retries", "jiter"])
def test_a_foreign_word_of_a_retry_policy_is_told_ours(word):
    with pytest.raises(ConfigurationError, match=rf"RetryPolicy has no '{word}': "):
        RetryPolicy(**{word: 3})


@pytest.mark.parametrize(
    ("call", "ours"),
    [
        (lambda builder: builder.work, "serve()"),
        (lambda builder: builder.include_router, "takes the builder"),
        (lambda builder: builder.before, "with_middleware(f)"),
        (lambda builder: builder.exception_handler, "retry policy"),
        (lambda builder: builder.newWorker, "@builder.task"),
        (lambda builder: builder.run_process, "workflow.start_process("),
        (lambda builder: builder.publish_message, "workflow.publish_event("),
        (lambda builder: builder.deploy_resource, "with_process(file)"),
        (lambda builder: builder.stop, "workflow.stop()"),
        (lambda builder: builder.createWorker, "@builder.task"),
        (lambda builder: builder.add_handler, "@builder.task"),
        (lambda builder: builder.with_bpmn, "with_process(file)"),
    ],
)
def test_a_foreign_method_of_the_builder_is_told_ours(builder, call, ours):
    with pytest.raises(AttributeError, match="WorkflowBuilder has no '") as refused:
        call(builder)
    assert ours in str(refused.value)


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("variables", "use scope, or get_scope_variable(name)"),
        ("custom_headers", "use headers"),
        ("bpmn_process_id", "use process_id"),
        ("process_instance_key", "use instance_key"),
        ("getVariable", "use get_scope_variable(name)"),
        ("key", "use job.key"),
        ("retries", "use retries_left"),
        ("set_running_after_complete_status", "returns its variables, or raises"),
        ("set_error_status", "BpmnError(code)"),
        ("complete", "returns its variables"),
    ],
)
def test_a_foreign_field_of_the_task_is_told_ours(task, word, ours):
    with pytest.raises(AttributeError) as refused:
        getattr(task, word)
    assert str(refused.value).startswith(f"WorkflowTask has no '{word}': ")
    assert ours in str(refused.value)


@pytest.mark.parametrize(
    ("method", "given", "ours"),
    [
        ("start_process", {"bpmn_process_id": "order"}, "process_id="),
        ("start_process", {"process_id": "order", "variables": {}}, "scope={...}"),
        ("start_process", {"process_id": "order", "tenant_id": "a"}, "default tenant"),
        ("start_process", {"process_id": "order", "skope": {}}, "did you mean 'scope'?"),
        ("start_process_and_wait", {"process_id": "order", "variablesToFetch": []}, "come back"),
        ("publish_event", {"name": "paid"}, "give the name first"),
        ("publish_event", {"event": "paid", "variables": {}}, "scope={...}"),
        ("publish_event", {"event": "paid", "time_to_live_in_milliseconds": 1}, "time_to_live="),
        ("publish_event", {"event": "paid", "message_id": "1"}, "event_id="),
        ("publish_later", {"event": "paid", "messageId": "1"}, "event_id="),
        ("broadcast_signal", {"signal_name": "stop"}, "name="),
        ("cancel_process", {"process_instance_key": 1}, "instance_key="),
        ("set_scope", {"element_instance_key": 1, "scope": {}}, "key="),
    ],
)
async def test_a_foreign_argument_of_a_running_service_is_told_ours(method, given, ours):
    async with WorkflowBuilder("shop", gateway=EmbeddedGateway(Engine())).running() as workflow:
        for asked in (workflow, workflow.sync):
            with pytest.raises(
                ConfigurationError, match=rf"Workflow\.{method} has no '"
            ) as refused:
                await asyncio.to_thread(_called, asked, method, given)
            assert ours in str(refused.value)


def _called(asked, method, given):
    found = getattr(asked, method)(**given)
    return asyncio.run(found) if inspect.iscoroutine(found) else found


def test_a_whole_configuration_at_the_decorator_is_told_where_it_goes(builder):
    for give in (
        lambda: builder.task("pay", TaskHandlerConfig()),
        lambda: builder.task("pay", config=TaskHandlerConfig()),
    ):
        with pytest.raises(ConfigurationError, match="fields of TaskHandlerConfig by name"):
            give()


async def test_what_has_to_be_named_is_said():
    async with WorkflowBuilder("shop", gateway=EmbeddedGateway(Engine())).running() as workflow:
        with pytest.raises(ConfigurationError) as refused:
            await workflow.publish_event("paid", "order-1", {"amount": 1})
    assert str(refused.value).startswith(
        "Workflow.publish_event takes event without a name, and was given 3; give the others by "
        "name: correlation_key=..., scope=..."
    )


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("run_process", "use start_process(id, scope)"),
        ("run_process_with_result", "use start_process_and_wait(id, scope)"),
        ("publish_message", "use publish_event(name, correlation_key="),
        ("cancel_process_instance", "use cancel_process(key)"),
        ("deploy_resource", "with_process(file)"),
        ("newCreateInstanceCommand", "use start_process(id, scope)"),
        ("topology", "use health()"),
        ("set_variables", "use set_scope(key, {...})"),
        ("evaluate_decision", "business rule task"),
    ],
)
async def test_a_foreign_method_of_a_running_service_is_told_ours(word, ours):
    async with WorkflowBuilder("shop", gateway=EmbeddedGateway(Engine())).running() as workflow:
        for asked in (workflow, workflow.sync):
            assert not hasattr(asked, word)
            with pytest.raises(AttributeError) as refused:
                getattr(asked, word)
            assert str(refused.value).startswith(f"{type(asked).__name__} has no '{word}': ")
            assert ours in str(refused.value)


def test_words_are_no_attributes_and_other_slips_are_pythons_own(builder, task):
    for each, foreign in ((builder, "work"), (task, "variables"), (task, "colour")):
        assert not hasattr(each, foreign)
        assert getattr(each, foreign, 7) == 7
        assert foreign not in dir(each)
    with pytest.raises(AttributeError, match="'WorkflowTask' object has no attribute 'colour'"):
        task.colour  # noqa: B018 - it is read to fail
    assert copy.copy(task).job is task.job
    assert pickle.loads(pickle.dumps(TaskHandlerConfig(max_running=3))).max_running == 3


def test_an_attribute_error_within_a_property_is_told_as_it_is():
    class Broken(WorkflowTask):
        @property
        def customer(self):
            return self.job.nothing

    job = ActivatedJob(1, "pay", 2, "order", 3, 4, "pay", 5, {}, "shop", 3, 0, {})
    with pytest.raises(AttributeError, match="'ActivatedJob' object has no attribute 'nothing'"):
        Broken(job).customer  # noqa: B018 - it is read to fail


def test_signatures_stay_readable():
    assert "max_running" in inspect.signature(TaskHandlerConfig).parameters
    assert list(inspect.signature(WorkflowBuilder).parameters)[:2] == ["service_name", "address"]
    assert list(inspect.signature(WorkflowBuilder.task).parameters) == [
        "self",
        "job_type",
        "config",
    ]


def _target(where):
    owner, _, method = where.partition(".")
    return getattr(CLASSES[owner], method or "__init__")


def _known(where):
    if where == "WorkflowSettings":
        return set(WorkflowSettings.model_fields)
    parameters = inspect.signature(_target(where)).parameters.values()
    return {each.name for each in parameters if each.kind is not each.VAR_KEYWORD}


@pytest.mark.parametrize("where", ARGUMENTS)
def test_no_word_of_the_table_is_an_argument_and_what_it_says_to_write_is_one(where):
    assert set(ARGUMENTS[where]) & _known(where) == set()
    said = {
        name
        for text in ARGUMENTS[where].values()
        if text.startswith("write ")
        for name in re.findall(r"(?<![\w(])(\w+)=", text.partition(":")[0])
    }
    assert said <= _known(where)


@pytest.mark.parametrize("owner", ATTRIBUTES)
def test_no_word_of_the_table_is_an_attribute_and_what_it_says_to_use_is_one(owner):
    there = {name for each in CLASSES[owner].__mro__ for name in vars(each)}
    assert set(ATTRIBUTES[owner]) & there == set()
    said = {
        name
        for text in ATTRIBUTES[owner].values()
        for name in re.findall(r"^use (\w+)(?![\w ])", text)
    }
    assert said - {"job"} <= there
