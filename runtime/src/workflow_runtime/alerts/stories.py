"""One story over all replicas: who tells of an incident, and who says that it is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow_runtime._log.failures import kind_and_place
from workflow_runtime._log.lines import write_line
from workflow_runtime.alerts.channels import log_notice
from workflow_runtime.alerts.following import Followed, is_there
from workflow_runtime.alerts.grouping import Key, group_of, identity_of
from workflow_runtime.alerts.model import Kind, Notice
from workflow_runtime.alerts.replicas import Pace, Replicas
from workflow_runtime.alerts.story import Story
from workflow_runtime.alerts.story_claims import StoryClaims
from workflow_runtime.alerts.text import Wording
from workflow_runtime.alerts.times import Times
from workflow_runtime.gateway.errors import GatewayError
from workflow_runtime.observers import IncidentAlert

__all__ = ["Sight", "Stories"]

_MOST = 1000
"""Stories that are kept: a process has as many elements perhaps, and each some causes."""
_STALE = 20
"""Incidents of a kind of which the engine is asked whether they are still there."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at the source shows.

    Attributes:
        new: incidents that no look before has shown, by group.
        counts: how many are open, by group.
        adopting: whether it is the first look of a watch, which another replica may have had.
        earlier: groups of which everything new was there, and told, before this watch.
        ended: incidents that have ended lately and that no look has shown, by group.
    """

    new: Mapping[Key, Sequence[IncidentAlert]]
    counts: Mapping[Key, int]
    adopting: bool = False
    earlier: frozenset[Key] = frozenset()
    ended: Mapping[Key, Sequence[IncidentAlert]] = field(default_factory=dict)


class Stories:
    """The stories that this replica has a part in.

    Args:
        wording: of notices.
        window: seconds between two notices that count what a story has more.
        tell: gets notices.
        clock: gives seconds that only grow.
        replicas: what this one shares with others; None where there are no others.
    """

    def __init__(
        self,
        wording: Wording,
        window: float,
        tell: Callable[[Notice], None],
        clock: Callable[[], float],
        *,
        replicas: Replicas | None = None,
    ) -> None:
        self._wording = wording
        self._window = window
        self._tell = tell
        self._clock = clock
        # The one of them that watches counts.
        self._watched = replicas is not None and replicas.watched
        self.replicas = replicas
        self._pace = replicas.pace if replicas else Pace()
        self._story_claims = StoryClaims(replicas)
        self._followed = Followed(replicas.gateway if replicas else None)
        self._stories: OrderedDict[Key, Story] = OrderedDict()
        self._raised, self._shown = Times(), Times()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sees = False

    async def stop(self) -> None:
        """Ends what is under way; says that nobody follows this replica's incidents any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for story in [each for each in self._stories.values() if each.follows]:
            try:
                await self._story_claims.leave(story)
            except GatewayError:
                return

    async def settled(self) -> None:
        """Returns when it is known of every incident whether it was told."""
        await asyncio.gather(*self._tasks)

    def raised(self, alert: IncidentAlert) -> None:
        """Takes in an incident that this replica has raised: logged, and told if it is news."""
        # The job itself knows better where it was at another replica, or before a restart.
        now, times = self._clock(), max(alert.times, self._raised.again(identity_of(alert)))
        story = self._stories.get(group_of(alert))
        news, story = story is None, story or self._begin(alert, now)
        story.own = True
        self._log(story, alert)
        self._followed.add(story, alert)
        if not story.seen:
            story.is_open(story.follows, now)
        if not news:
            # Who sees all of them at the source counts there.
            if not self._sees:
                story.more(alert, times, now)
        elif self.replicas is None:
            story.more(alert, times, now, told=True)
            self._tell_first(story, [alert], [times])
        else:
            story.asking = True
            self._spawn(self._ask(story, alert, times))

    def ended(self, job_key: int) -> None:
        """Takes in that a job has ended well that was in an incident."""
        story = self._followed.end(job_key)
        if story is None:
            return
        if not story.seen:
            story.is_open(story.follows, self._clock())
        if self.replicas is None and not story.follows:
            self._close(story)

    async def look(self, sight: Sight) -> list[IncidentAlert]:
        """Takes in what the source shows to the replica that watches it.

        Returns:
            The new incidents that no worker has raised, and that no watcher has told before.
        """
        self._sees = True
        now = self._clock()
        for story in self._stories.values():
            story.source = sight.counts.get(story.key, 0)
            story.quiet = 0 if story.source else story.quiet + 1
            if story.seen:
                story.is_open(story.source, now)
        found: list[IncidentAlert] = []
        if not sight.adopting:
            for alerts in sight.ended.values():
                await self._count_ended(alerts)
        for key, alerts in sight.new.items():
            found += await self._shown_new(key, alerts, sight)
        for key, alerts in sight.ended.items():
            await self._shown_ended(key, alerts)
            if not sight.adopting:
                self._shown_fewer(key, alerts, sight.new.get(key, ()))
        return found

    def blind(self) -> None:
        """Takes in that the source shows nothing any more."""
        self._sees = False

    def hand_over(self) -> None:
        """Takes in that another replica watches the source."""
        self._sees = False
        for story in self._stories.values():
            story.source, story.seen, story.quiet = 0, False, 0
            story.forget_untold()

    def tick(self) -> None:
        """Tells what is due."""
        for story in self._stories.values():
            if count := story.take_unlogged(self._clock()):
                log_notice(self._wording.repeated(story.last, count))
        # Where another replica may watch, it is asked first (`_turn_beside_watcher`).
        if self._sees or not self._watched:
            for story in self._stories.values():
                self._tell_due(story)

    async def run(self) -> None:
        """Keeps claims up, follows incidents and ends stories, until cancelled."""
        while True:
            await asyncio.sleep(self._pace.turn)
            try:
                await self.turn()
            except GatewayError:
                # The engine is away: nothing is known to have ended.
                continue
            except Exception as error:  # noqa: BLE001 - the others' stories go on
                why = kind_and_place(error)
                write_line("ERROR", "a story of incidents is not told: {}", why)

    async def turn(self) -> None:
        """Does once what `run` does again and again."""
        stories = [each for each in self._stories.values() if not each.asking]
        for story in stories:
            await self._story_claims.renew(story, self._clock())
        for story in await self._followed.look():
            if not story.seen:
                story.is_open(story.follows, self._clock())
        for story in stories:
            if self._watched and not self._sees and await self._is_told_elsewhere(story):
                continue
            if self._may_be_over(story):
                await self._end(story)

    async def _is_told_elsewhere(self, story: Story) -> bool:
        """Whether a watcher tells how many more there are, and the end."""
        watch = await self._story_claims.watch_of(story)
        if watch == "nobody":
            # Or it has ended before it could tell the end.
            if Kind.CAME_BACK in self._tell_due(story):
                await self._story_claims.tell_back(story)
            return False
        story.forget_untold()
        if watch == "closed" and not (story.follows or story.source):
            self._forget(story)
        return True

    def _may_be_over(self, story: Story) -> bool:
        if story.follows or story.source or self._stories.get(story.key) is not story:
            return False
        # What comes back may be shown at the next look only.
        return not story.seen or (self._sees and story.quiet > 1)

    async def _end(self, story: Story) -> None:
        end = await self._story_claims.end(story)
        if end == "over" and self._may_be_over(story):
            self._close(story)
        elif end == "told":
            self._forget(story)

    def _close(self, story: Story) -> None:
        self._forget(story)
        if story.beyond and not story.seen:
            # Some of them were not followed.
            return
        notice = self._wording.resolved(story.last, story.total, by_source=story.seen)
        log_notice(notice)
        self._tell(notice)

    async def _ask(self, story: Story, alert: IncidentAlert, times: int) -> None:
        try:
            news = await self._story_claims.begin(story)
        except (GatewayError, asyncio.CancelledError):
            # The engine, or this service, has ended. Told twice is better than never.
            news = True
        story.asking = False
        if not story.seen:
            story.more(alert, times, self._clock(), told=news)
        if news:
            self._tell_first(story, [alert], [times])

    async def _shown_new(
        self, key: Key, alerts: Sequence[IncidentAlert], sight: Sight
    ) -> Sequence[IncidentAlert]:
        story = self._stories.get(key)
        times = [self._times(each) for each in alerts]
        if story is not None and story.seen:
            self._count(story, alerts, times, told=0)
            return () if story.own else alerts
        news = False
        if story is None:
            if await self._are_stale(alerts):
                return ()
            story = self._begin(alerts[-1], self._clock())
            news = await self._is_news(story, sight)
        # What a worker has counted here is shown now.
        story.forget_untold()
        story.seen, story.source, story.total = True, sight.counts[key], 0
        story.is_open(story.source, self._clock())
        # Where another was the first, it has told one, and whoever watched before all of them.
        self._count(story, alerts, times, told=len(alerts) if news or sight.adopting else 1)
        if news:
            self._tell_first(story, alerts, times)
        return alerts if not story.own and (news or not sight.adopting) else ()

    async def _count_ended(self, alerts: Sequence[IncidentAlert]) -> None:
        """Takes in what may be there again, unless whose worker it is has told so."""
        story = Story(group_of(alerts[-1]), alerts[-1], self._clock())
        with contextlib.suppress(GatewayError):
            if await self._story_claims.has_told_back(story):
                return
        for each in alerts:
            self._shown.again(identity_of(each))

    async def _shown_ended(self, key: Key, alerts: Sequence[IncidentAlert]) -> None:
        """Takes over a story whose last incident has ended before a look has shown it."""
        story = self._stories.get(key)
        if story is not None and (story.seen or story.follows or story.asking):
            return
        known, story = story is not None, story or self._begin(alerts[-1], self._clock())
        story.asking = True
        try:
            story.own = await self._story_claims.is_own(story)
            is_ours = await self._story_claims.take_over(story)
        except GatewayError:
            is_ours = False
        story.asking = False
        if is_ours:
            story.forget_untold()
            story.seen, story.quiet, story.total = True, 1, 0
            self._count(story, alerts, [1] * len(alerts), told=len(alerts))
        elif not known:
            self._forget(story)

    def _shown_fewer(
        self, key: Key, ended: Sequence[IncidentAlert], new: Sequence[IncidentAlert]
    ) -> None:
        """Takes in that some have ended which no look has shown as open."""
        story = self._stories.get(key)
        gone = len({*map(identity_of, ended)} - {*map(identity_of, new)})
        if story is not None and story.seen and story.source and gone:
            story.is_open(story.source + gone, self._clock())
            story.is_open(story.source, self._clock())

    def _times(self, alert: IncidentAlert) -> int:
        identity = identity_of(alert)
        return max(self._shown.again(identity), self._raised.times(identity))

    async def _is_news(self, story: Story, sight: Sight) -> bool:
        story.asking = True
        try:
            story.own = await self._story_claims.is_own(story)
            first = await self._story_claims.see(story, adopting=sight.adopting)
        except GatewayError:
            first = True
        finally:
            story.asking = False
        return first and story.key not in sight.earlier

    async def _are_stale(self, alerts: Sequence[IncidentAlert]) -> bool:
        """Whether the engine has none of them any more: the source is late."""
        elements = [each.element_instance_key for each in alerts[-_STALE:]]
        if self.replicas is None or not all(elements):
            return False
        try:
            for element in elements:
                if await is_there(self.replicas.gateway, element):
                    return False
        except GatewayError:
            return False
        return True

    def _tell_first(
        self, story: Story, alerts: Sequence[IncidentAlert], times: Sequence[int]
    ) -> None:
        fresh = times.count(1)
        if fresh:
            notice = self._wording.incident(alerts[-1], fresh)
        else:
            notice = self._wording.came_back(alerts[-1], len(alerts), max(times))
        story.told_at = self._clock()
        if story.seen and not story.own:
            # Those that it has raised the worker has logged.
            log_notice(notice)
        self._tell(notice)

    def _count(
        self, story: Story, alerts: Sequence[IncidentAlert], times: Sequence[int], *, told: int
    ) -> None:
        for alert, often in zip(alerts, times, strict=True):
            this = told > 0 and often == 1
            told -= this
            story.more(alert, often, self._clock(), told=this)

    def _tell_due(self, story: Story) -> Sequence[Kind]:
        if story.asking:
            return ()
        notices = list(story.due(self._clock(), self._window, self._wording))
        for notice in notices:
            if notice.kind is not Kind.REPEATED:
                log_notice(notice)
            self._tell(notice)
        return [notice.kind for notice in notices]

    def _log(self, story: Story, alert: IncidentAlert) -> None:
        """Logs an incident by itself, unless there were some of its kind within a minute."""
        if story.may_log(self._clock()):
            log_notice(self._wording.incident(alert))

    def _begin(self, alert: IncidentAlert, now: float) -> Story:
        story = Story(group_of(alert), alert, now)
        self._stories[story.key] = story
        if len(self._stories) > _MOST:
            self._forget(next(iter(self._stories.values())))
        return story

    def _forget(self, story: Story) -> None:
        if self._stories.get(story.key) is story:
            del self._stories[story.key]
        self._story_claims.forget(story)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
