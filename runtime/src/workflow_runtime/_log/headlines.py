"""An exception in one line, with its text: for the engine and for people who are told."""

from __future__ import annotations

from pydantic import ValidationError

from workflow_runtime.errors import text_of

__all__ = ["fields", "headline"]


def headline(error: BaseException) -> str:
    """``KeyError: 'card'``: the kind, and what it says."""
    # pydantic's own text holds the values that did not fit.
    text = fields(error) if isinstance(error, ValidationError) else text_of(error)
    kind = type(error).__name__
    return kind if text == kind else f"{kind}: {text}"


def fields(error: ValidationError) -> str:
    """Each field that does not fit, never its value."""
    try:
        lines = [
            f"{'.'.join(map(str, each['loc'])) or error.title}: {each['msg']} ({each['type']})"
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    except Exception:  # noqa: BLE001 - validators are the handler's own, and so are their errors
        return f"{error.title} does not fit"
    return "\n".join(lines)
