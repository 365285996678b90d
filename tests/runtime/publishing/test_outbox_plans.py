"""The relay's questions follow an index: what they cost does not grow with the backlog."""

import pytest
from sqlalchemy import text

from workflow_runtime.publishing.outbox.queries import Queries
from workflow_runtime.publishing.outbox.transactions import alone

ROWS = 20_000
WANTED = {
    "new": lambda queries: queries.new(500),
    "new, later": lambda queries: queries.new(500, 3000),
    "due": lambda queries: queries.due(500),
    "successors": lambda queries: queries.successors(list(range(1000, 1050))),
    "followers": lambda queries: queries.followers([1000, 2000], 50),
    "orphans": lambda queries: queries.orphans(1000, 500),
}

GROWING = ("Seq Scan", "Sort", "SCAN", "TEMP B-TREE")


async def fill(outbox, keys):
    """Events in all states: of two keys, which is the worst for a planner, or of one each."""
    rows = [
        {
            "name": "e",
            "correlation_key": f"k{number % keys}",
            "event_id": str(number),
            "new_id": True,
            "scope": "{}",
            "ttl": 3_600_000,
            "state": ("waiting", "waiting", "waiting", "sent", "parked")[number % 5],
            "due_at": (0, -1, 5)[number % 3],
            "claimed_by": "",
            "attempts": 0,
            "failures": 0,
            "last_error": "",
            "created_at": 0,
            "sent_at": 1,
        }
        for number in range(ROWS)
    ]
    async with outbox.engine.begin() as connection:
        await connection.execute(outbox.table.insert(), rows)


async def plan(outbox, query):
    sql = str(query.compile(outbox.engine.sync_engine, compile_kwargs={"literal_binds": True}))
    sqlite = outbox.engine.dialect.name == "sqlite"
    async with alone(outbox) as connection:
        rows = await connection.execute(text(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{sql}"))
        return "\n".join(row[3] if sqlite else row[0] for row in rows)


@pytest.mark.parametrize("analyzed", [False, True], ids=["statistics are old", "analyzed"])
@pytest.mark.parametrize("keys", [2, ROWS])
@pytest.mark.parametrize("strict", [False, True])
async def test_no_question_sorts_or_reads_the_whole_table(outbox, keys, strict, analyzed):
    await fill(outbox, keys)
    if analyzed:
        async with outbox.engine.begin() as connection:
            await connection.execute(text(f"ANALYZE {outbox.table.name}"))
    queries = Queries(outbox, strict=strict)
    for name, wanted in WANTED.items():
        found = await plan(outbox, wanted(queries))
        # A part of a UNION is scanned as it comes out of its LIMIT.
        lines = [line for line in found.splitlines() if "anon_" not in line]
        wrong = [
            line
            for line in lines
            if any(w in line for w in ("Seq Scan", "Sort", "SCAN", "TEMP B-TREE"))
        ]
        assert not wrong, f"{name}:\n{found}"
        # A neighbour is found by both parts of its index, not by walking through a key.
        assert "(correlation_key=?)" not in found
        assert "(correlation_key<?)" not in found
