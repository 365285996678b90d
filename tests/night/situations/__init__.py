"""The situations of a night, a file for each family."""

from tests.night.situations import (
    channels,
    clocks,
    conditions,
    databases,
    handlers,
    mails,
    outages,
    releases,
)

SITUATIONS = [
    *mails.SITUATIONS,
    *releases.SITUATIONS,
    *handlers.SITUATIONS,
    *outages.SITUATIONS,
    *databases.SITUATIONS,
    *conditions.SITUATIONS,
    *clocks.SITUATIONS,
    *channels.SITUATIONS,
]
