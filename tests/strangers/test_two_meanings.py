"""A status that means two things: what can never succeed ends, what can is tried until it does."""

from datetime import timedelta

import grpc
import pytest
from tests.strangers.refusing import (
    BUSY,
    EXHAUSTED,
    TOO_LARGE,
    Gateway,
    Watcher,
    client,
    serving,
    some,
    thrown,
    worker,
)
from tests.support import http2
from tests.support.diagrams import one_task
from tests.support.waiting import until

from workflow_runtime import CommandFailed, WorkflowBuilder
from workflow_runtime.gateway.errors import MessageTooLarge, Unauthenticated, Unavailable
from workflow_runtime.gateway.values import Resource

# The end of a job.


@pytest.mark.parametrize("handler", [some, thrown])
@pytest.mark.parametrize(
    "refusal",
    [
        TOO_LARGE,
        (EXHAUSTED, "Request size is above configured maxMessageSize."),
        (EXHAUSTED, "received trailing metadata size exceeds limit"),
        (EXHAUSTED, "received metadata size exceeds hard limit (18013 vs. 16384)"),
        (
            grpc.StatusCode.UNKNOWN,
            "Command 'COMPLETE' rejected with code 'EXCEEDED_BATCH_RECORD_SIZE': ",
        ),
        (grpc.StatusCode.OUT_OF_RANGE, "message length too large: found 9, the limit is: 4 bytes"),
        (grpc.StatusCode.INTERNAL, "Request size is above configured maxMessageSize."),
    ],
    ids=lambda each: each[1],
)
async def test_a_result_that_is_too_large_is_one_call_and_an_incident_with_its_size(
    handler, refusal
):
    gateway, watcher = Gateway(refusal, jobs=1), Watcher()
    async with serving(gateway) as port, worker(port, handler, [watcher]):
        retries, message = await gateway.end()
    assert (retries, gateway.calls, watcher.resent) == (0, 1, [])
    assert refusal[1] in message
    assert " 50" in message
    assert "bytes are more than the gateway, or what stands before it, takes" in message
    assert "keep large data elsewhere" in message


async def test_the_limit_of_a_real_server_is_an_incident_that_names_both_numbers():
    gateway = Gateway(None, jobs=1)
    async with serving(gateway, max_receive_message_length=4000) as port, worker(port, some):
        retries, message = await gateway.end()
    assert retries == 0
    assert "SERVER: Received message larger than max (50" in message
    assert "vs. 4000)" in message


async def test_details_beside_the_status_are_read_too():
    refusal = (EXHAUSTED, "all partitions failed; there are 3 partitions available: [1, 2, 3]")
    details = (
        b"\x08\x08\x12\x30" + b"Request size is above configured maxMessageSize." + b"\x1a\x00"
    )
    gateway = Gateway(refusal, jobs=1, details=details)
    async with serving(gateway) as port, worker(port, some):
        retries, message = await gateway.end()
    assert (retries, gateway.calls) == (0, 1)
    assert "above configured maxMessageSize" in message


async def test_a_crowded_gateway_is_asked_until_it_has_room():
    gateway, watcher = Gateway(BUSY, BUSY, BUSY, None, jobs=1), Watcher()
    async with serving(gateway) as port, worker(port, some, [watcher]):
        assert await gateway.end() == "taken"
    assert watcher.resent == [("CompleteJob", "RESOURCE_EXHAUSTED")] * 3


async def test_a_long_sentence_of_a_refusal_arrives_whole():
    async with (
        serving(Gateway((grpc.StatusCode.INVALID_ARGUMENT, "é" * 9000 + "!"))) as port,
        client(port) as gateway,
    ):
        with pytest.raises(Exception, match="é!") as caught:
            await gateway.deploy([Resource("a.bpmn", b"<a/>")])
    assert caught.value.status == "INVALID_ARGUMENT"


async def test_credentials_that_are_too_large_are_not_the_fault_of_a_result():
    async with (
        serving(Gateway(None)) as port,
        client(port, user="u", password="x" * 20_000) as gateway,
    ):
        with pytest.raises(Unauthenticated, match=r"the credentials have 2\d{4} bytes"):
            await gateway.complete_job(1, {"a": 1})


# What stands before a gateway.


@pytest.mark.parametrize("status", [413, 431])
async def test_a_proxy_that_finds_a_command_too_large_is_believed(status):
    async with http2.serving(http2.status(status)) as port, client(port) as gateway:
        with pytest.raises(MessageTooLarge, match=rf"CompleteJob: 50\d\d bytes .* {status}"):
            await gateway.complete_job(1, {"blob": "x" * 5000})


@pytest.mark.parametrize("status", [400, 404, 408, 500, 502, 503])
async def test_a_proxy_that_has_lost_its_gateway_is_worth_another_try(status):
    async with http2.serving(http2.status(status)) as port, client(port) as gateway:
        with pytest.raises(Unavailable, match=str(status)):
            await gateway.complete_job(1, {"blob": "x"})


async def test_a_call_that_a_proxy_breaks_off_for_calm_may_have_been_executed():
    async with http2.serving(http2.reset(11)) as port, client(port) as gateway:
        with pytest.raises(Exception, match="error code 11") as caught:
            await gateway.create_instance("order", {})
    assert (caught.value.status, caught.value.never_executed) == ("RESOURCE_EXHAUSTED", False)


@pytest.mark.parametrize(("size", "status"), [(1000, "Aborted"), (100_000, "BrokenOff")])
async def test_a_large_command_that_is_broken_off_names_its_size(size, status):
    async with http2.serving(http2.reset(8)) as port, client(port) as gateway:
        with pytest.raises(Exception, match="error code 8") as caught:
            await gateway.complete_job(1, {"blob": "x" * size})
    assert (type(caught.value).__name__, caught.value.status) == (status, "CANCELLED")
    assert (f"{size // 1000}0" in caught.value.message) == (size > 65536)


async def test_a_large_result_that_is_broken_off_again_and_again_is_an_incident():
    gateway = Gateway((grpc.StatusCode.CANCELLED, "Received RST_STREAM with error code 8"), jobs=1)

    async def large(task):
        return {"blob": "x" * 100_000}

    timeout = timedelta(seconds=1.5)
    async with serving(gateway) as port, worker(port, large, job_timeout=timeout, heartbeat=False):
        retries, message = await gateway.end()
    assert (retries, gateway.calls > 1) == (0, True)
    assert "perhaps its 1000" in message


async def test_a_command_that_every_gateway_knows_is_sent_again_past_a_wrong_route():
    wrong = (grpc.StatusCode.UNIMPLEMENTED, "")
    gateway, watcher = Gateway(wrong, None, jobs=1), Watcher()
    async with serving(gateway) as port, worker(port, some, [watcher]):
        assert await gateway.end() == "taken"
    assert watcher.resent == [("CompleteJob", "UNIMPLEMENTED")]


# Commands of the service's own.


@pytest.mark.parametrize(
    "command",
    [
        lambda workflow: workflow.start_process("order", {"blob": "x" * 5000}),
        lambda workflow: workflow.start_process_and_wait("order", {"blob": "x" * 5000}),
        lambda workflow: workflow.publish_event("paid", scope={"blob": "x" * 5000}),
        lambda workflow: workflow.broadcast_signal("paid", {"blob": "x" * 5000}),
    ],
    ids=["start", "start and wait", "event", "signal"],
)
async def test_a_command_that_is_too_large_fails_at_once_with_its_size(command):
    gateway = Gateway(TOO_LARGE)
    async with serving(gateway) as port, worker(port, some) as workflow:
        with pytest.raises(CommandFailed, match=r"50\d\d bytes are more") as caught:
            await command(workflow)
    assert (caught.value.status, gateway.calls) == ("RESOURCE_EXHAUSTED", 1)


async def test_an_instance_whose_answer_does_not_fit_is_not_started_again():
    refusal = (EXHAUSTED, "CLIENT: Received message larger than max (70000000 vs. 67108864)")
    gateway = Gateway(refusal)
    async with serving(gateway) as port, worker(port, some) as workflow:
        with pytest.raises(CommandFailed, match="the answer is larger than somebody"):
            await workflow.start_process_and_wait("order")
    assert gateway.calls == 1


async def test_a_diagram_that_is_too_large_is_refused_for_good(tmp_path):
    (tmp_path / "order.bpmn").write_bytes(one_task("order", "pay").content)
    gateway = Gateway(TOO_LARGE)
    async with serving(gateway) as port:
        builder = WorkflowBuilder("test", f"http://127.0.0.1:{port}")
        async with builder.with_process(tmp_path / "order.bpmn").running() as workflow:
            await until(lambda: "bytes are more than" in workflow.health().deployment)
    assert gateway.calls == 1
