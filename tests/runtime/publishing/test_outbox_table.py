"""The outbox's table comes into being once, however many services start together."""

import asyncio

from sqlalchemy.ext.asyncio import create_async_engine

from workflow_runtime.publishing.outbox import Outbox, create_table, outbox_table


async def test_replicas_that_start_together_create_the_table_once(database_url, table_name):
    engines = [create_async_engine(database_url) for _ in range(8)]
    tables = [outbox_table(name=table_name) for _ in engines]
    await asyncio.gather(*map(create_table, engines, tables))
    assert await Outbox(engines[0], table=tables[0]).has_table()
    async with engines[0].begin() as connection:
        await connection.run_sync(tables[0].drop)
    await asyncio.gather(*(engine.dispose() for engine in engines))
