"""Who may ask the double of Operate: logins, their cookies and CSRF tokens, a bearer token."""

from __future__ import annotations

import secrets
from typing import Final

from aiohttp import web

from workflow_devkit.testing._operate.problems import problem

__all__ = ["Sessions"]

_COOKIE: Final = "OPERATE-SESSION"


class Sessions:
    """The sessions that are open.

    Args:
        user: who may log in.
        password: that user's.
        csrf_header: the header that every request but GET has to bring; empty for a version of
            Operate without the token.
        csrf_in_cookie: whether the login gives the token in a cookie instead of a header.
        token: a bearer token that is taken instead of a session; empty if none is.
    """

    def __init__(
        self, user: str, password: str, csrf_header: str, *, csrf_in_cookie: bool, token: str
    ) -> None:
        self._login = (user, password)
        self._csrf_header = csrf_header
        self._csrf_in_cookie = csrf_in_cookie
        self._token = token
        self._tokens: dict[str, str] = {}

    def forget(self) -> None:
        """Ends all sessions."""
        self._tokens.clear()

    async def log_in(self, request: web.Request) -> web.Response:
        """``POST /api/login``: user and password in the query or in a form."""
        # The documentation of Operate's API has them in the query; our client sends a form.
        given = {**request.query, **(await request.post())}
        if (given.get("username"), given.get("password")) != self._login:
            return problem(401, "Unauthorized", "bad credentials")
        session, csrf = secrets.token_hex(8), secrets.token_hex(8)
        self._tokens[session] = csrf
        answer = web.Response(status=204)
        answer.set_cookie(_COOKIE, session, path="/", httponly=True)
        if self._csrf_in_cookie:
            answer.set_cookie(self._csrf_header, csrf, path="/")
        elif self._csrf_header:
            answer.headers[self._csrf_header] = csrf
        return answer

    def refusal(self, request: web.Request) -> web.Response | None:
        """Why a request is not answered, None if it is."""
        bearer = request.headers.get("Authorization", "")
        # Operate asks for no CSRF token beside it.
        if self._token and bearer == f"Bearer {self._token}":
            return None
        csrf = self._tokens.get(request.cookies.get(_COOKIE, ""))
        if csrf is None:
            return problem(401, "Unauthorized", "no session")
        needed = self._csrf_header and request.method != "GET"
        if needed and request.headers.get(self._csrf_header) != csrf:
            return problem(403, "Forbidden", "the CSRF token is missing or wrong")
        return None
