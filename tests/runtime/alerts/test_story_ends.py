"""Who says that a story is over, whichever replicas have ended before, and that it is said once."""

import pytest

INCIDENT, RESOLVED = "Incident in order: pay", "Resolved: order: pay"
LONG = 300
"""Seconds in which whatever is to be told has been told."""


@pytest.mark.parametrize("seconds", [40, 100])
async def test_what_was_repaired_before_any_watcher_saw_it_is_told_as_resolved(watched, seconds):
    # A release is rolled back: who has told the incident ends, and it is resolved at once.
    a = watched.replica()
    jobs = await watched.raise_new(a, 2)
    await watched.pass_(10)
    await a.stories.stop()
    watched.kill(a)
    b = watched.replica()
    await watched.repair(jobs, by=b)
    await watched.pass_(seconds)
    await watched.pass_(120, b)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_what_no_watcher_has_seen_before_a_restart_is_not_told_again(watched):
    a = watched.replica()
    jobs = await watched.raise_new(a, 1)
    await watched.pass_(10)
    watched.kill(a)
    b, c = watched.replica(), watched.replica()
    await watched.pass_(60)
    jobs += await watched.raise_new(c, 1)
    await watched.pass_(60, b)
    assert watched.told == [INCIDENT]
    await watched.repair(jobs, by=c)
    await watched.pass_(150, b)
    assert watched.told == [INCIDENT, RESOLVED]


async def test_a_short_story_soon_after_another_has_its_end_too(watched):
    a, b = watched.replica(), watched.replica()
    jobs = await watched.raise_new(b, 1)
    await watched.pass_(30, a)
    await watched.repair(jobs, by=b)
    await until_told(watched, a, 2)
    for told in (4, 6, 8):
        # Raised and repaired between two looks.
        await watched.pass_(35 - watched.seconds % 30, a)
        jobs = await watched.raise_new(b, 1)
        await watched.pass_(5, a)
        await watched.repair(jobs, by=b)
        await until_told(watched, a, told)
    await watched.pass_(LONG, a)
    assert watched.told == [INCIDENT, RESOLVED] * 4


async def test_a_short_story_of_the_watcher_and_others_ends_with_the_number_of_all(watched):
    a, b = watched.replica(), watched.replica()
    await watched.pass_(45, a)
    jobs = await watched.raise_new(a, 1) + await watched.raise_new(b, 2)
    for replica, own in ((a, jobs[:1]), (b, jobs[1:])):
        await watched.repair(own, by=replica)
    await watched.pass_(LONG, a)
    assert watched.told == [INCIDENT, RESOLVED]
    assert watched.bodies[-1].startswith("3 incidents resolved, none of this kind is left")


async def test_how_many_are_left_is_told_though_no_look_has_shown_those_that_ended(watched):
    a, b = watched.replica(), watched.replica()
    await watched.pass_(45, a)
    jobs = await watched.raise_new(b, 15)
    await watched.repair(jobs[:10], by=b)
    await watched.pass_(LONG, a)
    assert watched.told == [INCIDENT, "5 left in order: pay"]


async def test_what_ends_while_a_look_is_made_has_not_come_back(watched, monkeypatch):
    a, b = watched.replica(), watched.replica()
    await watched.pass_(45, a)
    jobs = await watched.raise_new(b, 15)
    client = a.watcher._client
    ended_incidents = client.ended_incidents

    async def after_a_repair(count):
        monkeypatch.undo()
        await watched.repair(jobs[:10], by=b)
        return await ended_incidents(count)

    monkeypatch.setattr(client, "ended_incidents", after_a_repair)
    await watched.pass_(LONG, a)
    assert watched.told == [INCIDENT, "5 left in order: pay"]


async def test_a_story_is_told_however_soon_after_others_it_begins(watched):
    a, b = watched.replica(), watched.replica()
    for told in (2, 4, 6, 8):
        await watched.pass_(60 - watched.seconds % 30, a)
        jobs = await watched.raise_new(b, 1)
        await a.watch()
        await watched.repair(jobs, by=b)
        await until_told(watched, a, told)
    await watched.pass_(LONG, a)
    assert watched.told == [INCIDENT, RESOLVED] * 4


async def until_told(stand, watching, count):
    """Lets time go by until so many notices have been told, for five minutes at most."""
    end = stand.seconds + LONG
    while len(stand.told) < count and stand.seconds < end:
        await stand.pass_(5, watching)
