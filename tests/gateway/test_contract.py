"""What every gateway does. Zeebe's own texts are part of the contract."""

import asyncio
import re
from datetime import timedelta

import pytest

from workflow_runtime.gateway.errors import (
    AlreadyExists,
    DeadlineExceeded,
    FailedPrecondition,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
    Unavailable,
)
from workflow_runtime.gateway.values import JobRequest, Resource, StreamRequest

HOUR = timedelta(hours=1)


async def test_a_job_is_handed_out_with_everything_that_a_handler_needs(world):
    (process,) = await world.deploy_task("header.lang=en")
    instance = await world.start({"userId": "42", "n": 1.5, "flags": [True, None]})
    job = await world.job()
    assert (job.job_type, job.process_id, job.element_id) == (world.job_type, world.id, "work")
    assert (job.instance_key, job.definition_key) == (instance.key, process.definition_key)
    assert (job.retries, job.headers, job.definition_version) == (3, {"lang": "en"}, 1)
    assert job.variables == {"userId": "42", "n": 1.5, "flags": [True, None]}


async def test_only_the_named_variables_come_along(world):
    await world.deploy_task()
    await world.start({"a": 1, "b": 2})
    assert (await world.job(fetch=("a", "missing"))).variables == {"a": 1}


async def test_a_completed_job_completes_the_instance_with_its_result(world):
    await world.deploy_task()
    waiting = asyncio.create_task(world.result({"a": 1}))
    await world.gateway.complete_job((await world.job()).key, {"b": {"c": [1, "ü"]}})
    result = await waiting
    assert result.scope == {"a": 1, "b": {"c": [1, "ü"]}}
    assert result.instance.process_id == world.id


async def test_asking_for_a_process_starts_nothing(world):
    assert not await world.gateway.has_process(world.id)
    await world.deploy_task()
    assert await world.gateway.has_process(world.id)
    assert await world.gateway.has_process(world.id, 1)
    assert not await world.gateway.has_process(world.id, 2)
    assert not await world.gateway.has_process(f"{world.id}x")
    assert await world.jobs(poll=0) == []


async def test_a_process_that_only_an_event_starts_is_there_as_well(world):
    await world.deploy(f"""
        start start message={world.message}
        end end
        start -> end
    """)
    assert await world.gateway.has_process(world.id, 1)
    assert not await world.gateway.has_process(world.id, 2)


async def test_a_result_that_does_not_come_in_time_is_a_deadline(world):
    await world.deploy_task()
    with pytest.raises(DeadlineExceeded):
        await world.result(timeout=0.2)


async def test_a_finished_job_cannot_be_finished_again(world):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    await world.gateway.complete_job(job.key, {})
    text = f"Expected to complete job with key '{job.key}', but no such job was found"
    with pytest.raises(NotFound, match=re.escape(text)):
        await world.gateway.complete_job(job.key, {})
    with pytest.raises(NotFound, match="Expected to fail job with key"):
        await world.gateway.fail_job(job.key, retries=1, message="late")
    with pytest.raises(NotFound, match="Expected to throw an error for job with key"):
        await world.gateway.throw_error(job.key, "X", "late")


async def test_a_poll_without_jobs_ends_empty(world):
    await world.deploy_task()
    assert list(await world.jobs(poll=0)) == []
    assert list(await world.jobs(poll=0.2)) == []


async def test_a_long_poll_gets_the_job_that_appears_meanwhile(world):
    await world.deploy_task()
    polling = asyncio.create_task(world.jobs(poll=10))
    await asyncio.sleep(0)
    instance = await world.start()
    assert [job.instance_key for job in await polling] == [instance.key]


async def test_jobs_come_oldest_first_and_not_more_than_asked(world):
    await world.deploy_task()
    keys = [(await world.start()).key for _ in range(3)]
    first = await world.jobs(2)
    second = await world.jobs(2)
    assert [job.instance_key for job in (*first, *second)] == keys
    assert len(first) == 2


async def test_a_stream_pushes_jobs_that_appear(world):
    await world.deploy_task()
    request = StreamRequest(world.job_type, "contract", timedelta(seconds=60))
    stream = world.gateway.stream_jobs(request)
    reading = asyncio.create_task(anext(stream))
    job = None
    for _ in range(50):
        # A stream needs a moment at the broker: what was created before is for polls.
        instance = await world.start()
        done, _ = await asyncio.wait({reading}, timeout=0.2)
        if done:
            job = reading.result()
            break
    assert job is not None
    assert job.process_id == world.id
    assert job.instance_key <= instance.key
    await stream.aclose()


async def test_a_failed_job_comes_back_at_once_with_its_local_variables(world):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    await world.gateway.fail_job(job.key, retries=2, message="no", scope={"marker": 1})
    again = await world.job()
    assert (again.key, again.retries, again.variables["marker"]) == (job.key, 2, 1)


async def test_a_backoff_hides_the_job_until_it_is_over(world):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    await world.gateway.fail_job(job.key, retries=2, message="later", backoff=HOUR)
    assert list(await world.jobs(poll=0)) == []
    await world.advance(HOUR + timedelta(seconds=1))
    assert (await world.job()).key == job.key


async def test_no_retries_left_blocks_the_job_until_retries_and_resolve(world):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    await world.gateway.fail_job(job.key, retries=0, message="broken")
    assert list(await world.jobs(poll=0)) == []
    text = f"Expected to complete job with key '{job.key}', but it is in state 'FAILED'"
    with pytest.raises(FailedPrecondition, match=re.escape(text)):
        await world.gateway.complete_job(job.key, {})
    await world.gateway.update_job_retries(job.key, 2)
    assert list(await world.jobs(poll=0)) == []
    await _resolve_incident_after(world, job.key)
    assert (await world.job()).retries == 2


async def _resolve_incident_after(world, key):
    """The gateway does not name the incident; its key is one of the next that were given out."""
    for candidate in range(key + 1, key + 40):
        try:
            await world.gateway.resolve_incident(candidate)
        except NotFound:
            continue
        return
    pytest.fail("no incident was made")


@pytest.mark.parametrize("retries", [0, -1])
async def test_retries_have_to_be_positive(world, retries):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    with pytest.raises(InvalidArgument, match="with a positive amount of retries"):
        await world.gateway.update_job_retries(job.key, retries)


async def test_a_timed_out_job_is_given_away_and_may_still_be_completed(world):
    await world.deploy_task()
    await world.start()
    job = await world.job(timeout=30)
    await world.advance(timedelta(seconds=31))
    assert (await world.job(poll=40)).key == job.key
    await world.gateway.complete_job(job.key, {})


async def test_an_extended_job_is_not_given_away(world):
    await world.deploy_task()
    await world.start()
    job = await world.job(timeout=30)
    await world.gateway.update_job_timeout(job.key, HOUR)
    await world.advance(timedelta(seconds=31))
    assert list(await world.jobs(poll=0.3)) == []


async def test_an_error_nobody_catches_keeps_the_job(world):
    await world.deploy_task()
    await world.start()
    job = await world.job()
    await world.gateway.throw_error(job.key, "NOBODY", "nobody", {"x": 1})
    with pytest.raises(FailedPrecondition, match="it is in state 'ERROR_THROWN'"):
        await world.gateway.complete_job(job.key, {})


async def test_a_message_goes_to_the_instance_that_waits_with_its_key(world):
    await world.deploy_catch()
    waiting = asyncio.create_task(world.result({"key": "k1"}))
    await world.gateway.publish_message(world.message, "k1", {"paid": True}, time_to_live=HOUR)
    assert (await waiting).scope == {"key": "k1", "paid": True}


async def test_a_message_waits_for_its_instance(world):
    await world.deploy_catch()
    await world.gateway.publish_message(world.message, "k2", {"v": 1}, time_to_live=HOUR)
    assert (await world.result({"key": "k2"})).scope == {"key": "k2", "v": 1}


async def test_a_message_without_time_to_live_does_not_wait(world):
    await world.deploy_catch()
    nothing = timedelta(0)
    await world.gateway.publish_message(world.message, "k3", {}, time_to_live=nothing)
    with pytest.raises(DeadlineExceeded):
        await world.result({"key": "k3"}, timeout=0.3)


async def test_the_same_message_id_is_refused_while_the_first_is_buffered(world):
    await world.deploy_catch()
    publish = world.gateway.publish_message
    await publish(world.message, "k4", {}, time_to_live=HOUR, message_id="once")
    with pytest.raises(AlreadyExists, match="a message with that id was already published"):
        await publish(world.message, "k4", {}, time_to_live=HOUR, message_id="once")
    await publish(world.message, "other", {}, time_to_live=HOUR, message_id="once")


async def test_a_cancelled_instance_takes_its_jobs_along(world):
    await world.deploy_task()
    instance = await world.start()
    job = await world.job()
    await world.gateway.cancel_instance(instance.key)
    with pytest.raises(NotFound):
        await world.gateway.complete_job(job.key, {})
    with pytest.raises(NotFound, match="Expected to cancel a process instance with key"):
        await world.gateway.cancel_instance(instance.key)
    with pytest.raises(NotFound, match="Expected to update variables for element with key"):
        await world.gateway.set_variables(instance.key, {"a": 1})


async def test_variables_are_set_in_the_instance_and_seen_by_the_next_job(world):
    await world.deploy_task()
    instance = await world.start({"a": 1})
    await world.gateway.set_variables(instance.key, {"a": 2, "b": 3})
    assert (await world.job()).variables == {"a": 2, "b": 3}


async def test_local_variables_stay_in_their_scope(world):
    await world.deploy_task()
    waiting = asyncio.create_task(world.result({"a": 1}))
    job = await world.job()
    await world.gateway.set_variables(job.element_instance_key, {"a": 9}, local=True)
    await world.gateway.complete_job(job.key, {})
    assert (await waiting).scope == {"a": 1}


async def test_an_unchanged_file_keeps_its_version_and_a_changed_one_gets_a_new(world):
    (first,) = await world.deploy_task()
    (same,) = await world.deploy_task()
    (changed,) = await world.deploy_task("retries=5")
    assert same == first
    assert (first.version, changed.version) == (1, 2)
    assert changed.definition_key != first.definition_key
    assert (await world.start()).version == 2


async def test_an_unknown_process_is_not_found(world):
    text = "Expected to find process definition with process ID 'nope', but none found"
    with pytest.raises(NotFound, match=re.escape(text)):
        await world.gateway.create_instance("nope", {})


async def test_a_file_that_is_no_process_is_refused_with_its_name(world):
    with pytest.raises(InvalidArgument, match=r"broken\.bpmn"):
        await world.gateway.deploy([Resource("broken.bpmn", b"<a/>")])


async def test_an_empty_job_type_is_refused(world):
    request = JobRequest("", "contract", timedelta(seconds=1), 1, (), timedelta(0))
    with pytest.raises(InvalidArgument, match="to be present, but it was blank"):
        await world.gateway.activate_jobs(request)


async def test_a_key_of_no_partition_is_unavailable(world):
    with pytest.raises(Unavailable, match="partition 0"):
        await world.gateway.resolve_incident(1)


async def test_what_is_too_large_is_refused_before_it_is_sent(world):
    await world.deploy_task()
    with pytest.raises(MessageTooLarge, match="above the 4194304"):
        await world.start({"blob": "x" * (4 * 1024 * 1024)})


async def test_the_topology_names_a_version_and_a_partition(world):
    topology = await world.gateway.topology()
    assert topology.partitions == 1
    assert re.match(r"8\.\d+\.\d+", topology.gateway_version)


async def test_a_closed_gateway_is_unavailable(world):
    await world.gateway.topology()
    await world.gateway.close()
    with pytest.raises(Unavailable):
        await world.gateway.topology()
