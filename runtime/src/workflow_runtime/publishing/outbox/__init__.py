"""The outbox: events in the user's own database transaction, sent by a relay (extra outbox)."""

from workflow_runtime.publishing.outbox.outbox import Outbox
from workflow_runtime.publishing.outbox.relay import Relay
from workflow_runtime.publishing.outbox.schema import create_table, outbox_table, upgrade

__all__ = ["Outbox", "Relay", "create_table", "outbox_table", "upgrade"]
