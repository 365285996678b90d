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
    *conditions.SITUATIONS,
    *handlers.SITUATIONS,
    *outages.SITUATIONS,
    *databases.SITUATIONS,
    *clocks.SITUATIONS,
    *channels.SITUATIONS,
]
