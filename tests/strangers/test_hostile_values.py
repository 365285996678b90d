"""Values that are no JSON for everybody: deep, huge, half a character, in a circle, infinite."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc.aio
import pytest
from tests.support.diagrams import one_task, resource
from tests.support.one_handler import end_of, serving
from tests.support.waiting import loop_in_thread
from tests.support.zeebe_stubs import pb, rpc
from typer.testing import CliRunner

from workflow_devkit.engine import Engine
from workflow_devkit.engine.gateway import EmbeddedGateway
from workflow_devkit.engine.grpc_server import serve
from workflow_runtime import BpmnError, CommandFailed
from workflow_runtime.cli._app import app
from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.encoding import MAX_LEVELS, encode
from workflow_runtime.gateway.errors import InvalidArgument
from workflow_runtime.gateway.values import JobRequest
from workflow_runtime.gateway.zeebe import ZeebeGateway

MINUTE = timedelta(minutes=1)


def nested(levels, kind=list):
    value = 1
    for _ in range(levels):
        value = [value] if kind is list else {"a": value}
    return value


CIRCLE = {}
CIRCLE["x"] = [CIRCLE]

VALUES = {
    "500 lists": (nested(500), "deeper than 200"),
    "100,000 lists": (nested(100_000), "deeper than 200"),
    "500 objects": (nested(500, dict), "deeper than 200"),
    "100,000 objects": (nested(100_000, dict), "deeper than 200"),
    "one level too many": (nested(MAX_LEVELS + 1), "deeper than 200"),
    "5,001 digits": (10**5000, "digits"),
    "half a character": ("a\ud83d", "surrogate"),
    "the other half": ("\udcff", "surrogate"),
    "half a name": ({"\udcff": 1}, "surrogate"),
    "halves that do not fit": ("\udc00\ud83d", "surrogate"),
    "a circle": (CIRCLE, "Circular"),
    "not a number": (float("nan"), "float"),
    "infinity": ([float("-inf")], "float"),
}
NAMES = list(VALUES)


@asynccontextmanager
async def connected(over_grpc):
    engine = Engine()
    server = await serve(engine) if over_grpc else None
    gateway = EmbeddedGateway(engine)
    if server is not None:
        gateway = ZeebeGateway(Address("http", "127.0.0.1", server.port))
    await gateway.deploy([one_task("order", "work")])
    yield gateway
    await gateway.close()
    if server is not None:
        await server.stop()


async def job_of(gateway):
    await gateway.create_instance("order", {})
    wanted = JobRequest("order_work", "test", MINUTE, 1)
    return (await gateway.activate_jobs(wanted))[0]


@pytest.mark.parametrize("name", [*NAMES, "66 bits"])
@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_every_command_refuses_them_and_names_the_variable(name, over_grpc):
    value, _ = VALUES.get(name, (2**65, ""))
    scope = {"fine": "한 \ud55c 😀 \\ud83d", "x": value}
    async with connected(over_grpc) as gateway:
        job = await job_of(gateway)
        calls = [
            gateway.create_instance("order", scope),
            gateway.create_instance_with_result("order", scope, timeout=MINUTE),
            gateway.publish_message("paid", "1", scope, time_to_live=MINUTE),
            gateway.broadcast_signal("paid", scope),
            gateway.set_variables(job.instance_key, scope),
            gateway.fail_job(job.key, retries=1, message="", scope=scope),
            gateway.throw_error(job.key, "card", "", scope),
            gateway.complete_job(job.key, scope),
        ]
        for call in calls:
            with pytest.raises(InvalidArgument) as refused:
                await call
            # A whole number of more than 64 bits is JSON: the engine says what it cannot keep.
            assert ("'x'" if name in VALUES else "BigInteger") in str(refused.value)
        # Nothing of it has happened to the job.
        await gateway.complete_job(job.key, {})


@pytest.mark.parametrize("name", NAMES)
async def test_a_result_of_them_is_an_incident_that_names_the_variable(name):
    value, text = VALUES[name]

    async def returns(task):
        return {"fine": 1, "x": value}

    async def throws(task):
        raise BpmnError("card", scope={"x": value})

    for handler in (returns, throws):
        end = await end_of(handler)
        assert end.is_incident
        assert "no JSON object: variable 'x'" in end.message
        assert text in end.message


@pytest.mark.parametrize("name", ["100,000 lists", "half a name", "5,001 digits", "a circle"])
async def test_the_control_interface_refuses_them(name):
    async def handler(task):
        await asyncio.sleep(60)

    scope = {"x": VALUES[name][0]}
    async with serving(handler) as stand:
        instance = await stand.start()
        for call in (
            stand.workflow.start_process("order", scope),
            stand.workflow.start_process_and_wait("order", scope),
            stand.workflow.publish_event("paid", correlation_key="1", scope=scope),
            stand.workflow.set_scope(instance, scope),
            stand.workflow.broadcast_signal("paid", scope),
        ):
            with pytest.raises(CommandFailed, match="variable 'x'") as refused:
                await call
            assert refused.value.status == "INVALID_ARGUMENT"


DEEP = '{"x": ' + "[" * 500 + "]" * 500 + "}"
TEXTS = {
    "500 lists": DEEP,
    "100,000 lists": DEEP.replace("[" * 500, "[" * 100_000).replace("]" * 500, "]" * 100_000),
    "100,000 objects": '{"x":' * 100_000 + "1" + "}" * 100_000,
    "brackets that do not close": "[" * 100_000,
    "no JSON, and long": "x" * 100_000,
    "5,000 digits": '{"x": ' + "9" * 5000 + "}",
    "-5,000 digits": '{"x": -' + "9" * 5000 + "}",
    "1e999": '{"x": 1e999}',
    "-1e999 deeper": '{"x": [{"y": -1.5E+999}]}',
    "NaN": '{"x": NaN}',
    "half a character": '{"x": "\\ud800"}',
    "half a name": '{"\\uDFFF": 1}',
}


def requests(text):
    start = pb.CreateProcessInstanceRequest(bpmnProcessId="order", version=-1, variables=text)
    yield "CreateProcessInstance", start
    yield (
        "CreateProcessInstanceWithResult",
        pb.CreateProcessInstanceWithResultRequest(request=start, requestTimeout=1000),
    )
    yield "PublishMessage", pb.PublishMessageRequest(name="paid", variables=text)
    yield "BroadcastSignal", pb.BroadcastSignalRequest(signalName="paid", variables=text)
    for name in ("CompleteJob", "FailJob", "ThrowError"):
        yield name, getattr(pb, f"{name}Request")(jobKey=1, variables=text)
    yield "SetVariables", pb.SetVariablesRequest(elementInstanceKey=1, variables=text)


@pytest.mark.parametrize("name", TEXTS)
async def test_other_clients_are_told_what_is_wrong(name):
    server = await serve(Engine())
    await server.gateway.deploy([one_task("order", "work")])
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = rpc.GatewayStub(channel)
        for method, request in requests(TEXTS[name]):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await getattr(stub, method)(request)
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT, refused.value
            assert refused.value.details()
    await server.stop()


async def test_as_deep_as_is_allowed_goes_everywhere_in_the_engine():
    deep = nested(MAX_LEVELS // 2, dict)
    for _ in range(MAX_LEVELS // 2):
        deep = [deep]
    process = resource(
        """
        start start
        service work job=order_work in.x==deep in.same==deep=deep in.text==string(deep) out.y==x
        end end
        start -> work -> end
        """,
        "order",
    )
    gateway = EmbeddedGateway(Engine())
    await gateway.deploy([process])
    running = asyncio.ensure_future(
        gateway.create_instance_with_result("order", {"deep": deep}, timeout=MINUTE)
    )
    (job,) = await gateway.activate_jobs(JobRequest("order_work", "test", MINUTE, 1))
    assert job.variables["x"] == deep
    assert job.variables["same"] is True
    await gateway.complete_job(job.key, {"deep": deep})
    assert (await running).scope["y"] == deep
    json.dumps([record.value for record in gateway.engine.records])
    await gateway.close()


@pytest.mark.parametrize(
    "character", ["😀", "한", "\\ud83d", '\\"', "\u2028", "\x00", "[" * 300, "}"]
)
def test_what_only_looks_like_them_is_kept(character):
    scope = {character: [{"y": character, "z": f"\\{character}"}] * 3, "wide": [[]] * 1000}
    assert json.loads(encode(scope)) == scope


@pytest.mark.parametrize(
    "text", ["\udcff", 10**30, 2**40], ids=["half a character", "100 bits", "41 bits"]
)
async def test_what_no_field_of_the_protocol_holds_is_refused(text):
    async with connected(over_grpc=True) as gateway:
        call = (
            gateway.create_instance("order", {}, version=text)
            if isinstance(text, int)
            else gateway.create_instance(text, {})
        )
        with pytest.raises(InvalidArgument, match="CreateProcessInstance"):
            await call


@pytest.mark.parametrize("over_grpc", [False, True], ids=["in process", "gRPC"])
async def test_half_a_character_in_a_name_is_refused_by_every_adapter(over_grpc):
    half = "\udcff"
    async with connected(over_grpc) as gateway:
        for call in (
            gateway.publish_message(half, "", {}, time_to_live=MINUTE),
            gateway.publish_message("paid", half, {}, time_to_live=MINUTE),
            gateway.publish_message("paid", "", {}, time_to_live=MINUTE, message_id=half),
            gateway.broadcast_signal(half, {}),
            gateway.throw_error(1, half, "", {}),
            gateway.fail_job(1, retries=1, message=half),
        ):
            with pytest.raises(InvalidArgument):
                await call


@pytest.mark.parametrize("name", ["500 lists", "100,000 lists", "5,000 digits", "1e999", "NaN"])
@pytest.mark.parametrize("verb", [("start", "order"), ("publish", "paid", "--key", "1")])
def test_the_command_line_says_what_is_wrong(name, verb, tmp_path):
    file = tmp_path / "scope.json"
    file.write_text(TEXTS[name])
    with loop_in_thread() as run:
        server = run(serve(Engine()))
        run(server.gateway.deploy([one_task("order", "work")]))
        address = ["--address", f"http://127.0.0.1:{server.port}"]
        result = CliRunner().invoke(app, [*verb, *address, "--scope", f"@{file}"])
        run(server.stop())
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code != 0
    assert any(word in result.output for word in ("nested", "digits", "float")), result.output


def test_a_file_that_is_no_text_is_a_mistake_in_the_command(tmp_path):
    file = tmp_path / "scope.json"
    file.write_bytes(b'{"x": "\xff"}')
    result = CliRunner().invoke(app, ["start", "order", "--scope", f"@{file}"])
    assert isinstance(result.exception, SystemExit), result.exception
    assert "no UTF-8" in result.output.replace("\n", " ")
