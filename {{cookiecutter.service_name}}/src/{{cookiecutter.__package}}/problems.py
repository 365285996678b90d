"""What the API says where it cannot do its work: problems as RFC 9457 has them."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
{% if cookiecutter.outbox != "none" %}
from workflow_runtime import CommandFailed, EventNotPublished, OutboxUnavailable
{% else %}
from workflow_runtime import CommandFailed, EventNotPublished
{% endif %}

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds after which a caller may try again."""
NOT_DONE = "nothing was done; try again"
UNKNOWN = "the workflow engine gave no answer, it may have been done; look before you send it again"


class Problem(BaseModel):
    """The body of an answer that is no success."""

    title: str
    status: int
    detail: str


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses, for the API's documentation."""
    content = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    details = {503: NOT_DONE, 504: UNKNOWN}
    return {each: {"description": details[each], "content": content} for each in statuses}


def add_problems(app: FastAPI) -> None:
    """Turns what the runtime raises into answers; none of it is a mistake of the caller."""

    @app.exception_handler(CommandFailed)
    async def command_failed(_: Request, error: CommandFailed) -> JSONResponse:
        if error.executed == "no":
            return _problem(503, f"the workflow engine did not take it, {NOT_DONE}")
        return _problem(504, UNKNOWN)

    @app.exception_handler(EventNotPublished)
    async def not_published(_: Request, __: EventNotPublished) -> JSONResponse:
        # Its id tells a repetition: that it may have been done does no harm.
        return _problem(503, "the workflow engine is away; try again")
{% if cookiecutter.outbox != "none" %}

    @app.exception_handler(OutboxUnavailable)
    async def not_stored(_: Request, error: OutboxUnavailable) -> JSONResponse:
        return _problem(503, f"the event could not be stored, {error.reason}; try again")
{% endif %}


def _problem(status: int, detail: str) -> JSONResponse:
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    headers = {"Retry-After": str(RETRY_AFTER)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(problem.model_dump(), status, headers, MEDIA_TYPE)
