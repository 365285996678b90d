"""The outbox: events in the user's own database transaction, sent by a relay (extra outbox)."""

from workflow_runtime.extras import how_to_install

try:
    from workflow_runtime.publishing.outbox.outbox import Outbox
    from workflow_runtime.publishing.outbox.relay import Relay
    from workflow_runtime.publishing.outbox.schema import create_table, outbox_table, upgrade
except ModuleNotFoundError as error:
    # A driver or a module of ours that is missing is another mistake.
    if error.name != "sqlalchemy":
        raise
    raise ModuleNotFoundError(
        f"the outbox needs SQLAlchemy: {how_to_install('outbox')}, or [outbox-postgres] for "
        "PostgreSQL",
        name=error.name,
    ) from None

__all__ = ["Outbox", "Relay", "create_table", "outbox_table", "upgrade"]
