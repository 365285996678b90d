{% set builds = "build" if cookiecutter.http_api == "none" and cookiecutter.outbox == "none" else "build_for_production" %}
"""Runs the service: ``python -m {{ cookiecutter.__package }}``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_runtime import serve

if TYPE_CHECKING:
    from workflow_runtime import WorkflowBuilder


def main() -> None:
    """Runs the service until it is told to stop (SIGTERM, SIGINT), then lets tasks finish."""
    serve(_build)


def _build() -> WorkflowBuilder:
    # Imports take a second or more. In a container a SIGTERM before `serve` is lost: process 1 has
    # no defaults.
    from {{ cookiecutter.__package }}.main import {{ builds }}  # noqa: PLC0415

    return {{ builds }}()


if __name__ == "__main__":
    main()
