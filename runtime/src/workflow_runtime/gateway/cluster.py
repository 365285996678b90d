"""Camunda SaaS: where a cluster is, and who gives tokens for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_runtime.environment import variable_of
from workflow_runtime.urls import redacted

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings

__all__ = ["address_of_cluster", "cluster_problems", "variable_in_words", "with_cluster"]

# Camunda's documentation ("Manage API clients") and pyzeebe's create_camunda_cloud_channel.
_GATEWAYS = "zeebe.camunda.io"
_TOKENS = "https://login.cloud.camunda.io/oauth/token"
_AUDIENCE = "zeebe.camunda.io"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_EXAMPLES = {
    "cluster_id": "4784612d-1495-4f2a-951d-049c8b985f06",
    "cluster_region": "bru-2",
}


def address_of_cluster(settings: WorkflowSettings) -> str:
    """Gives where the gateway of a cluster of Camunda SaaS is.

    Args:
        settings: with ``cluster_id`` and ``cluster_region``.

    Returns:
        The address; empty if one of the two is missing.
    """
    cluster, region = settings.cluster_id.strip(), settings.cluster_region.strip()
    return f"https://{cluster}.{region}.{_GATEWAYS}:443" if cluster and region else ""


def with_cluster(settings: WorkflowSettings) -> WorkflowSettings:
    """Fills in what the cluster says about the connection; what is set goes before it.

    Args:
        settings: of a service, whose cluster may be given by id and region or by its address.

    Returns:
        Settings with address, token URL and audience; the same ones without a cluster of SaaS.
    """
    cluster = address_of_cluster(settings)
    address = settings.address.strip() or cluster
    if not (cluster or f".{_GATEWAYS}" in address):
        return settings
    tokens = {
        "oauth_url": settings.oauth_url or _TOKENS,
        "oauth_audience": settings.oauth_audience or _AUDIENCE,
    }
    # Without a client nobody asks for tokens.
    return settings.model_copy(
        update={"address": address, **(tokens if settings.client_id else {})}
    )


def cluster_problems(settings: WorkflowSettings) -> Iterator[str]:
    """Says why no connection can be made of a cluster's id and region.

    Args:
        settings: without an address.
    """
    given = {name: getattr(settings, name).strip() for name in _EXAMPLES}
    for name, text in given.items():
        if any(given.values()) and not text:
            (other,) = given.keys() - {name}
            yield (
                f"{other}{variable_in_words(settings, other)} is set and {name} is not: set "
                f"CAMUNDA_{name.upper()} as well, such as {_EXAMPLES[name]}, as Camunda's console "
                "shows it for the cluster"
            )
        elif text and not _NAME.fullmatch(text):
            place = variable_in_words(settings, name)
            yield f"{name}{place} cannot be {redacted(text)!r}; it looks like {_EXAMPLES[name]}"
    if all(given.values()) and not settings.client_id:
        yield (
            "nobody is let in without client_id and client_secret: set CAMUNDA_CLIENT_ID and "
            "CAMUNDA_CLIENT_SECRET, as Camunda's console gives them for an API client"
        )


def variable_in_words(settings: WorkflowSettings, name: str) -> str:
    """Names the variable that a setting is read from, to stand behind its name.

    Args:
        settings: whose setting it is.
        name: of the setting.

    Returns:
        Such as `` (CAMUNDA_CLIENT_ID)``; empty where no variable is set.
    """
    variable = variable_of(type(settings), name)
    return f" ({variable})" if variable in os.environ else ""
