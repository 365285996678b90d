"""How calls get to a gateway: over which channel, with whose credentials, and how they fail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, NoReturn

import grpc
import grpc.aio

from workflow_runtime.gateway.address import Address
from workflow_runtime.gateway.call_credentials import Metadata
from workflow_runtime.gateway.errors import Closed, GatewayError, Unauthenticated, Unavailable
from workflow_runtime.gateway.execution import (
    is_turned_away,
    is_unresolved,
    mark_unsent,
    never_left,
)
from workflow_runtime.gateway.grpc_credentials import Credentials
from workflow_runtime.gateway.lines import Line, Lines
from workflow_runtime.gateway.protocol import requests as pb
from workflow_runtime.gateway.refusals import refusal

__all__ = ["CALL_ERRORS", "Connection"]

CALL_ERRORS = (grpc.aio.AioRpcError, grpc.aio.UsageError)
"""What a call raises, besides that it was cancelled."""
_TRIES = (True, True, True, False)
"""Whether there is another try after one that was turned away unseen, by HTTP/2 itself."""
_ROOM = 1.0
"""Seconds for an answer that shows that a line still has room."""


class Connection:
    """The connection to one gateway.

    Args:
        address: where the gateway is.
        credentials: who we are.
        timeout: how long a call may take that does not say so itself.
    """

    def __init__(self, address: Address, credentials: Credentials, timeout: timedelta) -> None:
        self._address = address
        self._credentials = credentials.call
        self._lines = Lines(address, credentials, self._has_room)
        self.timeout = timeout.total_seconds()
        self._closed = False

    async def call(self, request: Any, deadline: timedelta | None, *, held: bool = False) -> Any:
        """Sends one request; the protocol names it as its RPC: ``CompleteJobRequest``.

        Args:
            request: the protocol's message.
            deadline: how long the call may take; None is the default.
            held: whether the gateway keeps it waiting for something.

        Returns:
            The answer.

        Raises:
            GatewayError: the gateway refused, or could not be reached.
        """
        method = type(request).__name__.removesuffix("Request")
        metadata = await self.metadata()
        timeout = self.timeout if deadline is None else deadline.total_seconds()
        for again in _TRIES:
            line = await self.line_for_waiting() if held else self.line_for_command()
            try:
                call = getattr(line.calls, method)
                return await call(request, timeout=timeout, metadata=metadata)
            except CALL_ERRORS as error:
                if not (again and is_turned_away(error)):
                    raise self.refused(error, request, metadata, line) from None
                self._lines.crowded(line)
            except asyncio.CancelledError:
                self.explain_cancel()
            finally:
                line.busy -= 1
        raise AssertionError  # the last try returns or raises

    def line_for_command(self) -> Line:
        """A line for a call that is answered at once; ``busy`` is to be counted down after it.

        Raises:
            Closed: the connection is closed.
        """
        self._check_open()
        line = self._lines.for_command()
        line.busy += 1
        return line

    async def line_for_waiting(self) -> Line:
        """A line for a call that is kept waiting; ``busy`` is to be counted down after it.

        Raises:
            Closed: the connection is closed.
        """
        self._check_open()
        line = await self._lines.for_waiting()
        line.busy += 1
        return line

    def _check_open(self) -> None:
        if self._closed:
            raise never_left(self._end())

    async def metadata(self) -> Metadata:
        """What a call carries to say who we are.

        Raises:
            GatewayError: no token could be fetched.
        """
        found = self._credentials.current()
        if found is not None:
            return found
        try:
            return await self._credentials.fetch()
        except asyncio.CancelledError as given_up:
            mark_unsent(given_up)
            raise

    def refused(
        self,
        error: grpc.aio.AioRpcError | grpc.aio.UsageError,
        request: Any,
        metadata: Metadata,
        line: Line,
    ) -> GatewayError:
        """What a call's failure means; to be raised."""
        # What grpc.aio says of a channel that was closed.
        if isinstance(error, grpc.aio.UsageError):
            return never_left(self._end())
        if is_unresolved(error):
            line.renew()
        elif is_turned_away(error):
            self._lines.crowded(line)
        answer = refusal(error, request, metadata)
        if isinstance(answer, Unavailable):
            line.renew_if_replaced()
        if isinstance(answer, Unauthenticated):
            forbidden = answer.status == "PERMISSION_DENIED"
            self._credentials.refused(metadata, forbidden=forbidden)
        return answer

    def explain_cancel(self) -> NoReturn:
        """Raises what a cancelled call means.

        Raises:
            Closed: the connection was closed.
            asyncio.CancelledError: the caller was cancelled.
        """
        # grpc.aio says CancelledError both for our task and for a channel that was closed.
        task = asyncio.current_task()
        if self._closed and task is not None and not task.cancelling():
            raise self._end() from None
        raise asyncio.CancelledError

    async def close(self) -> None:
        """Lets go of it; calls in flight end."""
        self._closed = True
        await self._lines.close()

    def _end(self) -> Closed:
        return Closed(f"the connection to {self._address} is closed: the service has stopped")

    async def _has_room(self, line: Line) -> bool | None:
        try:
            metadata = await self.metadata()
            await line.calls.Topology(pb.TopologyRequest(), timeout=_ROOM, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            if is_turned_away(error):
                return False
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                return None
            # Any answer of the gateway is one; this is that there was none.
            return error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
        except (GatewayError, grpc.aio.UsageError):
            return None
        return True
