"""How Operate says no."""

from __future__ import annotations

import secrets

from aiohttp import web

__all__ = ["problem"]


def problem(status: int, title: str, detail: str) -> web.Response:
    """An answer with Operate's fields for what went wrong."""
    body = {"status": status, "title": title, "message": detail, "instance": secrets.token_hex(4)}
    return web.json_response(body, status=status, content_type="application/problem+json")
