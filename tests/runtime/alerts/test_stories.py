"""Several replicas, one story: who tells, who counts, who says that it is over."""

import pytest
from tests.runtime.alerts.replicas import Stand, alert_of

from workflow_runtime.gateway.errors import Unauthenticated, Unavailable

INCIDENT, RESOLVED = "Incident in order: pay", "Resolved: order: pay"


@pytest.fixture(params=[False, True], ids=["messages expire at once", "in sweeps"])
def stand(request):
    """Replicas without Operate."""
    return Stand(sweeping=request.param)


async def test_two_replicas_tell_one_incident_and_one_resolved(stand):
    a, b = stand.replica(), stand.replica()
    ours = await stand.raise_new(a, 3)
    theirs = await stand.raise_new(b, 3, "ValueError: no, dear Anna")
    assert stand.told == [INCIDENT]
    await stand.repair(ours, by=a)
    await stand.pass_(300)
    assert stand.told == [INCIDENT]
    await stand.repair(theirs, by=b)
    await stand.pass_(90)
    assert stand.told == [INCIDENT, RESOLVED]


async def test_both_at_the_same_moment_tell_one_incident(stand):
    a, b = stand.replica(), stand.replica()
    stand.start(2)
    one, other = await stand.jobs(2)
    for replica, job in ((a, one), (b, other)):
        await stand.gateway.fail_job(job.key, retries=0, message="ValueError: no")
        replica.stories.raised(alert_of(job))
    await stand.settle()
    assert stand.told == [INCIDENT]


async def test_who_repairs_need_not_be_who_raised(stand):
    a, b = stand.replica(), stand.replica()
    jobs = await stand.raise_new(a, 2)
    await stand.repair(jobs, by=b)
    await stand.pass_(90)
    assert stand.told == [INCIDENT, RESOLVED]


async def test_a_cancelled_instance_ends_its_story_too(stand):
    a = stand.replica()
    (job,) = await stand.raise_new(a, 1)
    stand.engine.cancel_instance(job.instance_key)
    await stand.pass_(90)
    assert stand.told == [INCIDENT, RESOLVED]


async def test_what_comes_back_is_told_once_for_all_and_not_as_resolved(stand):
    a = stand.replica()
    jobs = await stand.raise_new(a, 300)
    await stand.fail(a, await stand.resolve(jobs))
    await stand.pass_(60)
    assert stand.told == [INCIDENT, "300 came back in order: pay"]
    assert "(time 2)" in stand.bodies[-1]
    await stand.fail(a, await stand.resolve(jobs))
    await stand.pass_(60)
    assert stand.told[2:] == ["300 came back in order: pay"]
    assert "(time 3)" in stand.bodies[-1]


async def test_a_job_that_is_tried_again_is_not_called_resolved_before_its_end(watched):
    a = watched.replica()
    jobs = await watched.raise_new(a, 1)
    await a.watch()
    (job,) = await watched.resolve(jobs)
    await watched.pass_(300, a)
    assert watched.told == [INCIDENT]
    await watched.gateway.complete_job(job.key, {})
    await watched.pass_(90, a)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_what_comes_back_after_resolved_is_told_as_come_back(watched):
    a = watched.replica()
    jobs = await watched.raise_new(a, 1)
    await a.watch()
    # All replicas start again, and know nothing of the job.
    watched.kill(a)
    b = watched.replica()
    await watched.pass_(30, b)
    (job,) = await watched.resolve(jobs)
    await watched.pass_(120, b)
    assert watched.told == [INCIDENT, RESOLVED]
    await watched.gateway.fail_job(job.key, retries=0, message="ValueError: no")
    await watched.pass_(30, b)
    assert watched.told[2:] == ["1 came back in order: pay"]


async def test_what_comes_back_at_another_replica_is_no_new_incident_there(stand):
    a, b = stand.replica(), stand.replica()
    jobs = await stand.raise_new(a, 20)
    await stand.fail(b, await stand.resolve(jobs), times=2)
    await stand.pass_(700)
    # The worker that has them first tells how many they were, the other how many came back.
    assert [title for _, title in b.told] == ["20 came back in order: pay"]
    assert [title for _, title in a.told] == [INCIDENT, "19 more incidents in order: pay"]


@pytest.mark.slow
async def test_however_many_are_open_none_is_forgotten(stand):
    a = stand.replica()
    jobs = await stand.raise_new(a, 1500)
    await stand.repair(jobs[:1000], by=a)
    await stand.pass_(60)
    # Another replica may have others, and says so itself.
    assert stand.told == [INCIDENT, "500 left in order: pay (of one replica)"]
    await stand.pass_(600)
    assert stand.told[2:] == ["1499 more incidents in order: pay"]
    await stand.repair(jobs[1000:], by=a)
    await stand.pass_(90)
    assert stand.told[3:] == [RESOLVED]
    assert "1500 incidents resolved" in stand.bodies[-1]


async def test_a_replica_that_has_ended_with_open_incidents_leaves_no_false_resolved(stand):
    a, b = stand.replica(), stand.replica()
    await stand.raise_new(a, 1)
    theirs = await stand.raise_new(b, 1)
    await a.stories.stop()
    stand.kill(a)
    await stand.repair(theirs, by=b)
    await stand.pass_(300)
    assert stand.told == [INCIDENT]


async def test_a_new_kind_is_told_while_another_is_open(stand):
    a, b = stand.replica(), stand.replica()
    await stand.raise_new(a, 1)
    await stand.raise_new(b, 1, "KeyError: 'card'")
    assert stand.told == [INCIDENT, INCIDENT]


async def test_a_second_story_is_told_as_the_first_was(stand):
    a, b = stand.replica(), stand.replica()
    for replica in (a, b, a):
        jobs = await stand.raise_new(replica, 1)
        await stand.repair(jobs, by=b)
        await stand.pass_(120)
    assert stand.told == [INCIDENT, RESOLVED] * 3


async def test_without_an_answer_of_the_engine_it_is_told_twice_rather_than_never(
    stand, monkeypatch
):
    async def away(*_, **__):
        raise Unavailable("nobody there")

    a, b = stand.replica(), stand.replica()
    monkeypatch.setattr(stand.gateway, "publish_message", away)
    await stand.raise_new(a, 1)
    await stand.raise_new(b, 1)
    assert stand.told == [INCIDENT, INCIDENT]


async def test_a_storm_of_kinds_is_no_storm_of_claims(stand):
    a = stand.replica()
    published = []
    stand.engine.records.subscribe(
        lambda r: (
            published.append(r) if (r.value_type, r.intent) == ("MESSAGE", "PUBLISHED") else None
        )
    )
    for number in range(300):
        word = "".join(chr(ord("a") + int(digit)) * 2 for digit in str(number))
        await stand.raise_new(a, 1, f"{word}Error: no")
    assert len(stand.told) == 300
    assert len(published) < 1500


@pytest.mark.parametrize("watching", ["who has told it", "another"])
async def test_replicas_and_watcher_tell_one_incident_and_one_resolved(watched, watching):
    a, b = watched.replica(), watched.replica()
    watcher = a if watching == "who has told it" else b
    ours = await watched.raise_new(a, 3)
    theirs = await watched.raise_new(b, 3, "ValueError: no, dear Anna")
    await watched.pass_(120, watcher)
    assert watched.told == [INCIDENT]
    await watched.repair(ours, by=b)
    await watched.repair(theirs, by=b)
    await watched.pass_(120, watcher)
    assert watched.told == [INCIDENT, RESOLVED]
    assert "none of this kind is left" in watched.bodies[-1]
    # The workers have counted them.
    assert watcher.counts.found == 0


@pytest.mark.slow
async def test_what_the_watcher_finds_is_told_with_its_number_and_counted_once(watched):
    watched.deploy_choice()
    a, b = watched.replica(), watched.replica()
    watched.start(300)
    await watched.pass_(30, a)
    assert watched.told == ["Incident in order: choose (300 of them)"]
    # Another replica takes the lease over.
    watched.kill(a)
    await watched.pass_(660, b)
    assert watched.told == ["Incident in order: choose (300 of them)"]
    assert (a.counts.found, b.counts.found) == (300, 0)
    watched.start(1)
    await watched.pass_(30, b)
    assert b.counts.found == 1
    assert b.counts.open == {"order": 301}


@pytest.mark.slow
async def test_three_hundred_resolved_without_repair_come_back_in_one_notice(watched):
    watched.deploy_choice()
    a, _ = watched.replica(), watched.replica()
    watched.start(300)
    await watched.pass_(30, a)
    watched.resolve_all()
    await watched.pass_(60, a)
    assert watched.told[1:] == ["300 came back in order: choose"]
    await watched.pass_(300, a)
    assert len(watched.told) == 2
    # They are 600 by the engine's count.
    assert a.counts.found == 600


@pytest.mark.slow
async def test_what_the_source_shows_is_counted_however_many_are_open(watched):
    a, b = watched.replica(), watched.replica()
    jobs = await watched.raise_new(a, 800) + await watched.raise_new(b, 700)
    await watched.pass_(60, a)
    await watched.repair(jobs[:1000], by=b)
    await watched.pass_(120, a)
    assert watched.told == [INCIDENT, "500 left in order: pay"]
    await watched.repair(jobs[1000:], by=a)
    await watched.pass_(120, a)
    assert watched.told[2:] == [RESOLVED]


async def test_a_quick_repair_is_told_before_operate_shows_anything_and_not_again(watched):
    a, b = watched.replica(), watched.replica()
    await watched.pass_(30, a)
    watched.is_late = True
    jobs = await watched.raise_new(b, 1)
    await watched.repair(jobs, by=b)
    await watched.pass_(90, a)
    assert watched.told == [INCIDENT, RESOLVED]
    # What Operate shows then is over.
    watched.import_records(1)
    await watched.pass_(60, a)
    watched.import_records()
    await watched.pass_(90, a)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_as_long_as_operate_shows_one_none_is_called_resolved(watched):
    a, b = watched.replica(), watched.replica()
    jobs = await watched.raise_new(b, 1)
    await watched.pass_(30, a)
    watched.is_late = True
    await watched.repair(jobs, by=b)
    await watched.pass_(300, a)
    assert watched.told == [INCIDENT]
    watched.import_records()
    await watched.pass_(90, a)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_a_rolling_deploy_tells_nothing_twice(watched):
    a, b = watched.replica("a1"), watched.replica("b1")
    jobs = await watched.raise_new(a, 2) + await watched.raise_new(b, 2)
    await watched.pass_(60, a)
    for old in (a, b):
        await old.stories.stop()
        watched.kill(old)
        new = watched.replica()
        await watched.pass_(60, new)
    jobs += await watched.raise_new(new, 1)
    await watched.pass_(60, new)
    assert watched.told == [INCIDENT]
    await watched.repair(jobs)
    await watched.pass_(120, new)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_while_operate_is_away_incidents_are_told_and_none_is_called_resolved(watched):
    a, b = watched.replica(), watched.replica()
    jobs = await watched.raise_new(a, 2)
    await watched.pass_(30, a)
    a.stories.blind()
    await watched.raise_new(b, 1, "KeyError: 'card'")
    await watched.pass_(60)
    watched.start(1)
    assert watched.told == [INCIDENT, INCIDENT]
    await watched.pass_(30, a)
    await watched.repair(jobs, by=b)
    await watched.pass_(120, a)
    assert watched.told == [INCIDENT, INCIDENT, RESOLVED]


async def test_what_ended_while_nobody_watched_is_told_by_the_next_watcher(watched):
    a = watched.replica()
    jobs = await watched.raise_new(a, 2)
    await watched.pass_(60, a)
    watched.kill(a)
    await watched.repair(jobs)
    await watched.pass_(60)
    b = watched.replica()
    await watched.pass_(120, b)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_the_end_is_told_by_a_worker_where_the_watcher_has_ended_before(watched):
    a, b = watched.replica(), watched.replica()
    jobs = await watched.raise_new(b, 2)
    await watched.pass_(60, a)
    watched.kill(a)
    await watched.repair(jobs, by=b)
    await watched.pass_(300)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_who_may_not_claim_tells_what_it_knows_by_itself(stand, monkeypatch):
    async def refused(*_, **__):
        raise Unauthenticated("no messages for you")

    a = stand.replica()
    monkeypatch.setattr(stand.gateway, "publish_message", refused)
    jobs = await stand.raise_new(a, 2)
    await stand.repair(jobs, by=a)
    await stand.pass_(10)
    assert stand.told == [INCIDENT, RESOLVED]


@pytest.mark.parametrize("seconds", [5, 20, 25])
async def test_what_comes_back_before_the_watcher_has_seen_it_is_told_once(watched, seconds):
    a, b = watched.replica(), watched.replica()
    await watched.pass_(30, a)
    # Of thirty seconds until the next look.
    await watched.pass_(seconds, a)
    jobs = await watched.raise_new(b, 20)
    await watched.fail(b, await watched.resolve(jobs), times=2)
    await watched.pass_(240, a)
    assert watched.told == [INCIDENT, "20 came back in order: pay"]
