"""Decisions and forms beside diagrams: found, read, deployed, and named where they are wrong."""

import asyncio
import json

import grpc
import pytest
from pyzeebe.proto import gateway_pb2 as pb
from pyzeebe.proto.gateway_pb2_grpc import GatewayStub
from tests.support.diagrams import bpmn
from typer.testing import CliRunner

from workflow_devkit.check.check_config import CheckConfig
from workflow_devkit.check.service_findings import check_service
from workflow_devkit.engine import Engine
from workflow_devkit.engine.grpc_server import serve
from workflow_devkit.testing import assert_contract, assert_that
from workflow_runtime import DiagramError, ProcessNotFound, WorkflowBuilder, WorkflowTask
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import Resource

ORDER = """
    start s
    <userTask id="ask"><extensionElements>{}</extensionElements></userTask>
    end e
    s -> ask -> e
""".format('<zeebe:formDefinition formId="ask" />')
RATED = """
    start s
    <businessRuleTask id="rate"><extensionElements>{}</extensionElements></businessRuleTask>
    end e
    s -> rate -> e
""".format('<zeebe:calledDecision decisionId="rating" resultVariable="r" />')
DMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="ratings" name="Ratings"
  namespace="x">
  <decision id="rating" name="Rating"><literalExpression /></decision>
  <decision id="limit" name="Limit"><literalExpression /></decision>
</definitions>
"""
FORM = json.dumps({"id": "ask", "type": "default", "components": []})
USER_TASK = "io.camunda.zeebe:userTask"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "bpmn"
    place.mkdir()
    (place / "order.bpmn").write_bytes(bpmn(ORDER, "order"))
    (place / "rating.dmn").write_text(DMN)
    (place / "ask.form").write_text(FORM)
    (place / "README.md").write_text("# Diagrams\n")
    (place / "order.svg").write_text("<svg/>")
    monkeypatch.chdir(tmp_path)
    return place


def service(*places):
    builder = WorkflowBuilder("shop", "embedded://")
    for place in places:
        builder.with_process(place)
    return builder


def names(builder):
    return sorted(resource.name for resource in builder.resources)


ALL = ["ask.form", "order.bpmn", "rating.dmn"]


@pytest.mark.parametrize(
    "places",
    [["bpmn"], ["bpmn/*"], ["bpmn/*.bpmn", "bpmn/*.dmn", "bpmn/*.form"], ["**/*"],
     ["bpmn/order.bpmn", "bpmn/rating.dmn", "bpmn/ask.form"]],
)  # fmt: skip
def test_folders_globs_and_files_take_the_three_kinds(folder, places):
    builder = service(*places)
    assert names(builder) == ALL
    assert [path.name for path in builder.diagrams] == ["order.bpmn"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("x.dmn", "<a", "x.dmn"),
        ("x.dmn", "<definitions/>", "expected a DMN file"),
        ("x.dmn", bpmn(ORDER, "o").decode(), "expected a DMN file"),
        ("x.dmn", DMN.replace("decision", "other"), "there has to be a decision"),
        ("x.dmn", DMN.replace('id="rating" ', ""), "each decision in it need an id"),
        ("x.dmn", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>", "x.dmn"),
        ("x.form", "{", "x.form:1: the form is no JSON"),
        ("x.form", "[" * 100_000, "the form is no JSON"),
        ("x.form", "[]", 'expected a JSON object with the "id"'),
        ("x.form", '{"id": ""}', 'expected a JSON object with the "id"'),
        ("order.txt", "", "names end in .bpmn, .dmn, .form; rename it"),
        ("order.BPMN", "", "rename it"),
    ],
)
def test_what_cannot_be_deployed_is_refused_by_name(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(DiagramError) as caught:
        service(tmp_path / name)
    assert said in str(caught.value)
    assert name in str(caught.value)


def test_hidden_files_of_systems_and_editors_are_left_out_of_a_folder(folder):
    (folder / "._order.bpmn").write_bytes(b"\0\5\x16\7")
    (folder / ".rating.dmn").write_text("draft")
    (folder / ".#ask.form").symlink_to("nowhere")
    assert names(service("bpmn")) == names(service("bpmn/*")) == ALL


@pytest.mark.parametrize("name", ["more.DMN", "more.Form", "MORE.BPMN"])
@pytest.mark.parametrize("where", ["bpmn", "bpmn/*"])
def test_a_file_that_an_engine_would_not_know_is_not_left_out_in_silence(folder, name, where):
    (folder / name).write_text("{}")
    with pytest.raises(DiagramError, match=f"{name}: an engine takes .* rename it"):
        service(where)


async def test_a_service_deploys_them_and_its_user_tasks_have_the_key_of_their_form(
    process_environment, folder
):
    seen = []

    async def ask(task: WorkflowTask):
        seen.append(task.headers)

    builder = service(folder).with_handler(USER_TASK, ask)
    async with process_environment(builder) as process:
        instance = await process.start("order")
        await process.wait_idle()
        assert_that(instance).is_completed()
        deployed = process.workflow.health().deployment
        assert deployed == "order v1, ask.form, rating.dmn"
    (headers,) = seen
    assert int(headers["io.camunda.zeebe:formKey"]) > 0


async def test_a_process_that_calls_a_decision_is_refused_at_once_and_the_others_are_not(
    process_environment, folder
):
    (folder / "rated.bpmn").write_bytes(bpmn(RATED, "rated"))
    builder = service(folder)
    async with process_environment(builder) as process:
        with pytest.raises(ProcessNotFound, match=r"rate > [^\0]*let a worker decide"):
            await process.start("rated")
        await process.start("order")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.form": FORM, "b.form": FORM}, "form ids [^\0]*'ask' in the resources 'a.form' and 'b"),
        (
            {"a.dmn": DMN, "b.dmn": DMN},
            "requirements ids [^\0]*'ratings' in [^\0]*'b.dmn'",
        ),
        (
            {"a.dmn": DMN, "b.dmn": DMN.replace('"ratings"', '"others"')},
            "decision ids [^\0]*'rating' in the resources 'a.dmn' and 'b.dmn'",
        ),
        ({"a.dmn": DMN.replace('"limit"', '"rating"')}, "decision ids [^\0]*'a.dmn' and 'a.dmn'"),
    ],
)
def test_ids_that_a_broker_would_refuse_are_refused(files, said):
    resources = [Resource(name, text.encode()) for name, text in files.items()]
    with pytest.raises(InvalidArgument, match=said):
        Engine(keep_records=0).deploy(resources)


async def test_two_forms_of_one_id_are_refused_and_the_diagrams_are_not(
    process_environment, folder
):
    (folder / "again.form").write_text(FORM)
    async with process_environment(service(folder)) as process:
        await process.start("order")
        status = process.workflow.health().deployment
    assert "duplicated id 'ask' in the resources 'again.form' and 'ask.form'" in status
    assert status.endswith("; deployed: order v1")


def test_check_and_the_contract_leave_them_alone(folder):
    builder = service(folder)
    assert_contract(builder)


def found_by_check(builder, **rules):
    found = check_service(builder, CheckConfig(rules=rules))
    return [(each.element, each.message) for each in found if each.rule == "missing-link"]


def test_check_finds_a_form_that_no_file_of_the_service_has(folder):
    assert found_by_check(service(folder)) == []
    (folder / "ask.form").write_text(FORM.replace("ask", "asks"))
    said = "calls the form 'ask', which no file of this service has; did you mean 'asks'?"
    assert found_by_check(service(folder)) == [("ask", said)]
    assert found_by_check(service(folder), **{"missing-link": "off"}) == []


def test_check_finds_a_decision_that_no_file_of_the_service_has(folder):
    (folder / "rated.bpmn").write_bytes(bpmn(RATED, "rated"))
    assert found_by_check(service(folder)) == []
    (folder / "rating.dmn").unlink()
    said = "calls the decision 'rating', which no file of this service has"
    assert found_by_check(service(folder)) == [("rate", said)]


def test_check_leaves_alone_an_id_that_is_computed(folder):
    (folder / "order.bpmn").write_bytes(bpmn(ORDER.replace('formId="ask"', 'formId="=a"'), "order"))
    assert found_by_check(service(folder)) == []


@pytest.mark.parametrize(
    "given", [["bpmn"], ["bpmn/order.bpmn", "bpmn/rating.dmn", "bpmn/ask.form"]]
)
def test_lint_reads_the_diagrams_among_them(folder, given):
    result = CliRunner().invoke(app, ["lint", *given, "--profile", "zeebe", "--rule", "unreadable"])
    assert (result.exit_code, result.output) == (0, "no findings\n")


def test_lint_of_nothing_but_forms_says_so(folder):
    result = CliRunner().invoke(app, ["lint", "bpmn/rating.dmn", "bpmn/ask.form"])
    assert result.exit_code == 2
    assert "no .bpmn file among" in result.output


@pytest.fixture
async def gateway():
    server = await serve(Engine(keep_records=0), host="127.0.0.1", port=0)
    yield f"127.0.0.1:{server.port}"
    await server.stop()


@pytest.mark.slow
async def test_a_client_gets_ids_versions_and_keys_of_all_as_the_protocol_has_them(gateway):
    files = {"order.bpmn": bpmn(ORDER, "order"), "r.dmn": DMN.encode(), "a.form": FORM.encode()}
    async with grpc.aio.insecure_channel(gateway) as channel:
        stub = GatewayStub(channel)

        async def deploy(found):
            resources = [pb.Resource(name=name, content=text) for name, text in found.items()]
            return await stub.DeployResource(pb.DeployResourceRequest(resources=resources))

        first, again = await deploy(files), await deploy(files)
        assert first.deployments == again.deployments
        kinds = [each.WhichOneof("Metadata") for each in first.deployments]
        assert kinds == ["process", "decision", "decision", "decisionRequirements", "form"]
        _, rating, limit, drg, form = first.deployments
        assert (rating.decision.dmnDecisionId, rating.decision.dmnDecisionName) == (
            "rating",
            "Rating",
        )
        assert (
            limit.decision.decisionRequirementsKey
            == drg.decisionRequirements.decisionRequirementsKey
        )
        assert drg.decisionRequirements.resourceName == "r.dmn"
        assert (form.form.formId, form.form.version, form.form.resourceName) == ("ask", 1, "a.form")
        changed = await deploy({"a.form": FORM.replace("default", "other").encode()})
        assert changed.deployments[0].form.version == 2
        assert changed.deployments[0].form.formKey > form.form.formKey
        with pytest.raises(grpc.aio.AioRpcError, match=r"'b\.form'"):
            await deploy({"b.form": b"[]", "c.form": b'{"id": "c"}'})


@pytest.mark.slow
async def test_the_command_deploys_them(gateway, folder):
    def run(*options):
        return CliRunner().invoke(app, ["deploy", "bpmn", "-a", f"http://{gateway}", *options])

    text, data = await asyncio.to_thread(run), await asyncio.to_thread(run, "--json")
    assert text.output.splitlines() == ["order version 1 (order.bpmn)", "ask.form", "rating.dmn"]
    assert [each["resource_name"] for each in json.loads(data.output)] == [
        "order.bpmn", "ask.form", "rating.dmn",
    ]  # fmt: skip
