"""What replicas claim of a story: who tells it, who has open incidents of it, who ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workflow_runtime.alerts.claims import Ring
from workflow_runtime.alerts.grouping import Key
from workflow_runtime.alerts.replicas import Pace, Replicas
from workflow_runtime.alerts.story import Story

__all__ = ["StoryClaims"]

_MOST = 100
"""Stories with claims at once: a storm of kinds must not be one of messages too."""


@dataclass(slots=True)
class _Kept:
    follow: Ring
    """Somebody has raised incidents of the story that are open, or has just told it."""
    watch: Ring
    """Somebody sees it at Operate."""
    told: Ring
    """A replica has told it, and a watcher has to tell its end, though that replica is no more."""
    closed: Ring
    """Its end has been told: as long as any of the claims above may still hold."""
    name: str
    next_follow: float = 0.0
    next_watch: float = 0.0
    next_told: float = 0.0


class StoryClaims:
    """The claims of this replica's stories; each may raise a `GatewayError`.

    Args:
        replicas: what this one shares with others; None where there are no others.
    """

    def __init__(self, replicas: Replicas | None) -> None:
        self._claims = replicas.claims if replicas else None
        self._pace = replicas.pace if replicas else Pace()
        self._watched = replicas is not None and replicas.watched
        self._kept: dict[Key, _Kept] = {}

    def forget(self, story: Story) -> None:
        """Gives a story's claims up: they end by themselves."""
        self._kept.pop(story.key, None)

    async def begin(self, story: Story) -> bool:
        """Whether this replica is the first of all that has an incident of a story."""
        kept = self._of(story)
        if kept is None or self._claims is None:
            return True
        if self._watched:
            await self._claims.take(f"{kept.name} own", self._pace.known)
            if await self.is_told(story):
                return False
        # Who is not the first keeps up what the first has taken, as of its next turn.
        return await kept.follow.take()

    async def see(self, story: Story, *, adopting: bool) -> bool:
        """Whether a watcher is the first to tell of a story.

        Args:
            story: one that the source shows and this replica did not know.
            adopting: whether another may have watched it until now.
        """
        kept = self._of(story)
        if kept is None:
            return True
        told = adopting and await self.is_told(story)
        news = not told and await kept.follow.take()
        await kept.watch.renew()
        return news

    async def is_own(self, story: Story) -> bool:
        """Whether workers have raised incidents of it, and count them."""
        kept = self._of(story)
        return bool(kept and self._claims and await self._claims.is_taken(f"{kept.name} own"))

    async def watch_of(self, story: Story) -> Literal["open", "closed", "nobody"]:
        """Whether a watcher has the story, or has ended it; else any replica may end it."""
        kept = self._of(story)
        if kept is None or not await kept.watch.holds():
            return "nobody"
        return "closed" if await kept.closed.holds() else "open"

    async def is_told(self, story: Story) -> bool:
        """Whether any replica, ended by now perhaps, has told a story whose end nobody has told."""
        kept = self._of(story)
        if kept is None:
            return False
        if await kept.follow.holds():
            return True
        if await kept.closed.holds():
            return False
        return await kept.watch.holds() or await kept.told.holds()

    async def take_over(self, story: Story) -> bool:
        """Whether a story, of which a watcher sees the end only, is to be ended by that watcher."""
        kept = self._of(story)
        if kept is None or not await self.is_told(story):
            return False
        await kept.watch.renew()
        return True

    async def renew(self, story: Story, now: float) -> None:
        """Keeps up what is due of a story's claims."""
        kept = self._of(story)
        if kept is None:
            return
        if story.follows and now >= kept.next_follow:
            kept.next_follow = now + self._pace.follow * 3 / 8
            await kept.follow.renew()
        if self._watched and story.follows and now >= kept.next_told:
            kept.next_told = now + self._pace.watch / 4
            await kept.told.renew()
        if story.source and now >= kept.next_watch:
            kept.next_watch = now + self._pace.watch / 4
            await kept.watch.renew()

    async def tell_back(self, story: Story) -> None:
        """Says that a worker tells what has come back: no watcher has seen the story."""
        if self._claims is not None:
            await self._claims.take(f"{story.name} back", self._pace.watch)

    async def has_told_back(self, story: Story) -> bool:
        """Whether a worker has just told what has come back."""
        return self._claims is not None and await self._claims.is_taken(f"{story.name} back")

    async def end(self, story: Story) -> Literal["open", "told", "over"]:
        """Whether another replica has open incidents of a story, or tells its end; else it is ours.

        Only for a story of which this replica knows no open incident any more.
        """
        kept = self._of(story)
        if kept is None or self._claims is None:
            # Beyond the bound nobody knows what others have.
            return "over" if self._claims is None or story.seen else "told"
        if await kept.follow.holds():
            return "open"
        if not story.seen and await self._claims.is_taken(f"{kept.name} left"):
            return "told"
        if not await self._claims.take(f"{kept.name} ended", self._pace.ending):
            return "told"
        if self._watched:
            await kept.closed.renew()
        return "over"

    async def leave(self, story: Story) -> None:
        """Says that a replica ends whose incidents of a story are open, which nobody follows then.

        Without Operate no other replica may say that none is left.
        """
        kept = self._of(story)
        if kept is not None and self._claims is not None and not self._watched:
            await self._claims.take(f"{kept.name} left", self._pace.known)

    def _of(self, story: Story) -> _Kept | None:
        if self._claims is None:
            return None
        if story.key not in self._kept:
            if len(self._kept) >= _MOST:
                return None
            follow = Ring(self._claims, f"{story.name} follow", self._pace.follow)
            watch, told, closed = (
                Ring(self._claims, f"{story.name} {what}", self._pace.watch)
                for what in ("watch", "told", "closed")
            )
            self._kept[story.key] = _Kept(follow, watch, told, closed, story.name)
        return self._kept[story.key]
