"""The search of Operate's API v1: filter, sort, and pages by the values of the last item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["mistake_in", "search"]

_LARGEST_PAGE: Final = 1000
_PAGE: Final = 10
"""The size of a page that no query asks for (docs: "Operate API", search)."""
_SEARCHABLE: Final = frozenset(
    ("key", "processDefinitionKey", "processInstanceKey", "type", "creationTime", "state", "jobKey")
)
"""Fields for filter and sort; ``message`` is none."""
_QUERY_FIELDS: Final = frozenset(("filter", "size", "sort", "searchAfter"))


def mistake_in(query: Mapping[str, Any]) -> str:
    """What is wrong with a query, empty if nothing is."""
    sort, after = query.get("sort", []), query.get("searchAfter")
    fields = {*(query.get("filter") or {}), *(part.get("field") for part in sort)}
    mistakes = {
        f"unknown query fields {sorted(set(query) - _QUERY_FIELDS)}": set(query) - _QUERY_FIELDS,
        f"cannot filter or sort by {sorted(fields - _SEARCHABLE)}": fields - _SEARCHABLE,
        "size must be between 1 and 1000": not 0 < query.get("size", _PAGE) <= _LARGEST_PAGE,
        "searchAfter must have as many values as sort has fields, and one": (
            after is not None and len(after) != len(sort) + 1
        ),
    }
    return next((text for text, wrong in mistakes.items() if wrong), "")


def search(incidents: Iterable[dict[str, Any]], query: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the incidents that a query asks for, as Operate answers it."""
    wanted = query.get("filter") or {}
    fields = [part["field"] for part in query.get("sort", ())]

    def order(incident: dict[str, Any]) -> list[Any]:
        # Operate adds the key to every order, so that no two incidents are equal in it. That is
        # why `searchAfter` has one value more than `sort` has fields.
        return [*(incident.get(field) for field in fields), incident["key"]]

    found = [
        incident
        for incident in incidents
        if all(incident.get(name) == value for name, value in wanted.items())
    ]
    # One direction for all fields: nobody sorts by several here.
    newest_first = any(part.get("order") == "DESC" for part in query.get("sort", ()))
    found.sort(key=order, reverse=newest_first)
    rest = found
    if "searchAfter" in query:
        after = query["searchAfter"]
        rest = [x for x in found if (order(x) < after if newest_first else order(x) > after)]
    page = rest[: query.get("size", _PAGE)]
    last = {"sortValues": order(page[-1])} if page else {}
    return {"items": page, "total": len(found), **last}
