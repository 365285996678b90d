"""A token server that is away, refuses or talks nonsense: asked rarely, and once for all."""

import asyncio
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Barrier, Thread

import pytest
from loguru import logger
from tests.gateway.test_credentials import bearer
from tests.support.token_server import token_server
from tests.support.waiting import until

from workflow_runtime import WorkflowSettings
from workflow_runtime.gateway.connect import connect
from workflow_runtime.gateway.errors import (
    DeadlineExceeded,
    GatewayError,
    Unauthenticated,
    Unavailable,
)
from workflow_runtime.gateway.oauth import OAuthCredentials, TokenSource, credentials_of


class Clock:
    """The time in the test's hands; it does not begin at zero."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
async def tokens():
    async with token_server() as server:
        yield server


@pytest.fixture
def clock():
    return Clock()


def source(tokens, **others):
    return TokenSource(f"http://127.0.0.1:{tokens.port}/token", "me", "hunter2", **others)


@pytest.fixture
async def credentials(tokens, clock):
    made = OAuthCredentials(source(tokens), clock)
    yield made
    # Not into the end of the server.
    await until(lambda: made._asking is None)


async def failure(credentials):
    with pytest.raises(GatewayError) as caught:
        await credentials.fetch()
    return caught.value


ANSWERS = {
    "500": (500, None, Unavailable, "answers HTTP 500"),
    "503": (503, None, Unavailable, "answers HTTP 503"),
    "429": (429, None, Unavailable, "answers HTTP 429"),
    "404": (404, None, Unavailable, "answers HTTP 404; oauth_url names where"),
    "302": (302, None, Unavailable, "which is not followed; oauth_url names where"),
    "401": (401, None, Unauthenticated, "refuses the client: HTTP 401; check client_id"),
    "403": (403, None, Unauthenticated, "refuses the client: HTTP 403; check client_id"),
    "invalid_client": (
        400,
        '{"error": "invalid_client", "error_description": "hunter2 is wrong"}',
        Unauthenticated,
        "refuses the client: HTTP 400 invalid_client; check client_id and client_secret",
    ),
    "invalid_scope": (
        400,
        '{"error": "invalid_scope"}',
        Unauthenticated,
        "HTTP 400 invalid_scope; check oauth_scope",
    ),
    "unknown error": (400, '{"error": "hunter2"}', Unauthenticated, "HTTP 400; check client_id"),
    "a list as error": (401, '{"error": ["x"]}', Unauthenticated, "HTTP 401; check client_id"),
    "html": (200, "<html>hunter2</html>", Unavailable, "answers HTTP 200 without a token"),
    "nothing": (200, "", Unavailable, "answers HTTP 200 without a token"),
    "null": (200, '{"access_token": null}', Unavailable, "answers HTTP 200 without a token"),
    "a list": (200, "[]", Unavailable, "answers HTTP 200 without a token"),
    "deep": (200, "[" * 200_000, Unavailable, "answers HTTP 200 without a token"),
    "no header's text": (200, '{"access_token": "hunter2\\n"}', Unavailable, "without a token"),
}


@pytest.mark.parametrize(("status", "body", "kind", "words"), ANSWERS.values(), ids=ANSWERS)
async def test_after_a_failure_nobody_asks_again_for_a_while_and_each_hears_why(
    tokens, credentials, clock, status, body, kind, words
):
    tokens.status, tokens.body = status, body
    if status == 302:
        tokens.headers = {"Location": "https://login.example/"}
    errors = await asyncio.gather(*(failure(credentials) for _ in range(50)))
    errors += [await failure(credentials) for _ in range(50)]
    assert len(tokens.forms) == 1
    assert {type(each) for each in errors} == {kind}
    assert all(each.never_executed and each.no_token and each.retry_after > 0 for each in errors)
    assert len({str(each) for each in errors}) == 1
    assert words in str(errors[0])
    assert "token server http://127.0.0.1" in errors[0].reason
    assert "hunter2" not in str(errors[0])
    tokens.status, tokens.body = 200, None
    clock.now += 60
    assert await credentials.fetch() == bearer("t2")


async def waits(credentials, clock, count=12):
    found = []
    for _ in range(count):
        found.append((await failure(credentials)).retry_after)
        clock.now += found[-1]
    return found


async def test_waits_grow_to_half_a_minute_and_begin_anew_after_a_success(
    tokens, credentials, clock
):
    tokens.status = 503
    found = await waits(credentials, clock)
    assert 0.5 <= found[0] <= 1
    assert all(15 <= each <= 30 for each in found[6:])
    # By chance: replicas that failed together do not come again together.
    assert len(set(found[6:])) > 1
    assert len(tokens.forms) == 12
    tokens.status, tokens.lifetime = 200, 300
    await credentials.fetch()
    tokens.status = 503
    clock.now += 300
    assert (await failure(credentials)).retry_after <= 1


async def test_a_client_that_is_refused_is_tried_less_often(tokens, credentials, clock):
    tokens.status = 401
    found = await waits(credentials, clock, 6)
    assert 7.5 <= found[0] <= 10
    assert all(45 <= each <= 60 for each in found[3:])


async def test_a_server_that_is_away_is_said_to_be(clock):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://user:pass@127.0.0.1:{port}/token"
    error = await failure(OAuthCredentials(TokenSource(url, "me", "hunter2"), clock))
    assert isinstance(error, Unavailable)
    assert "is away: ClientConnectorError" in str(error)
    assert "pass" not in str(error)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("120", 120, 132),
        ("99999999999999", 300, 330),
        ("date", 80, 99),
        ("soon", 0.5, 1),
        ("-5", 0.5, 1),
        ("", 0.5, 1),
    ],
)
async def test_a_server_that_wants_to_be_left_alone_is(tokens, credentials, said, least, most):
    if said == "date":
        # The server's clock is an hour behind ours: its own date counts.
        hour_ago = timedelta(hours=1)
        now = format_datetime(datetime.now(UTC) - hour_ago, usegmt=True)
        later = format_datetime(datetime.now(UTC) - hour_ago + timedelta(seconds=85), usegmt=True)
        tokens.headers = {"Date": now, "Retry-After": later}
    else:
        tokens.headers = {"Retry-After": said}
    tokens.status = 503
    assert least <= (await failure(credentials)).retry_after <= most


async def test_a_server_that_hangs_holds_up_one_caller_for_its_time_and_nobody_after(tokens, clock):
    tokens.open.clear()
    credentials = OAuthCredentials(source(tokens, timeout=timedelta(seconds=0.2)), clock)
    assert "no answer within 0.2 s" in str(await failure(credentials))
    clock.now += 60
    credentials._source = source(tokens, timeout=timedelta(seconds=30))
    begun = time.monotonic()
    errors = await asyncio.gather(*(failure(credentials) for _ in range(20)))
    assert time.monotonic() - begun < 10
    assert {type(each) for each in errors} == {DeadlineExceeded}
    assert len(tokens.forms) == 2
    tokens.open.set()
    await until(credentials.current)


LIVES = {
    "missing": ({}, 299, 301),
    "null": ({"expires_in": None}, 299, 301),
    "zero": ({"expires_in": 0}, 299, 301),
    "negative": ({"expires_in": -60}, 299, 301),
    "a word": ({"expires_in": "soon"}, 299, 301),
    "text": ({"expires_in": "100"}, 99, 101),
    "one": ({"expires_in": 1}, 1.9, 2.1),
    "huge": ({"expires_in": 10**30}, 86_399, 86_401),
    "beyond floats": ({"expires_in": 10**400}, 299, 301),
    "infinite": ({"expires_in": float("inf")}, 299, 301),
    "no number": ({"expires_in": float("nan")}, 299, 301),
}


@pytest.mark.parametrize(("said", "good", "over"), LIVES.values(), ids=LIVES)
async def test_a_life_that_makes_no_sense_neither_storms_the_server_nor_lasts_for_ever(
    tokens, credentials, clock, said, good, over
):
    tokens.body = json.dumps({"access_token": "t", **said})
    for _ in range(20):
        await credentials.fetch()
    assert len(tokens.forms) == 1
    tokens.status, begun = 503, clock.now
    clock.now = begun + good
    assert credentials.current() == bearer("t")
    clock.now = begun + over
    assert credentials.current() is None


async def test_a_gateway_that_takes_no_token_has_one_fetched_in_ten_seconds(
    tokens, credentials, clock
):
    for _ in range(100):
        metadata = credentials.current() or await credentials.fetch()
        credentials.refused(metadata, forbidden=False)
        clock.now += 1
    assert 10 <= len(tokens.forms) <= 11


async def test_a_call_that_is_forbidden_costs_the_others_no_token(tokens, credentials, clock):
    held = await credentials.fetch()
    tokens.status = 503
    for _ in range(100):
        credentials.refused(held, forbidden=True)
        assert credentials.current() == held
        clock.now += 1
    # Perhaps somebody has just been given the right: it is renewed aside.
    await until(lambda: len(tokens.forms) > 1)


async def test_that_no_new_token_comes_is_said_while_the_last_one_is_good(
    tokens, credentials, clock
):
    said = []
    number = logger.add(lambda line: said.append(line.record["message"]), level="INFO")
    await credentials.fetch()
    tokens.status = 503
    clock.now += 250
    assert credentials.current() == bearer("t1")
    await until(lambda: said)
    for asked in range(3, 6):
        clock.now += 8
        assert credentials.current() == bearer("t1")
        await until(lambda: len(tokens.forms) == asked and credentials._asking is None)  # noqa: B023
    logger.remove(number)
    (line,) = said
    assert line.startswith("no new token: token server http://127.0.0.1")
    assert line.endswith("HTTP 503; asking until there is one, the last one is good for 50 s")


async def test_gateways_of_one_process_share_one_request_on_any_event_loop(tokens):
    tokens.open.clear()
    found, begun = [], Barrier(4)

    async def ask():
        begun.wait(20)
        found.append(await credentials_of(source(tokens)).fetch())

    threads = [Thread(target=lambda: asyncio.run(ask())) for _ in range(3)]
    kept = credentials_of(source(tokens))
    for each in threads:
        each.start()
    await asyncio.to_thread(begun.wait, 20)
    here = asyncio.create_task(kept.fetch())
    await asyncio.wait_for(tokens.asked.wait(), 20)
    tokens.open.set()
    assert await here == bearer("t1")
    for each in threads:
        await asyncio.to_thread(each.join, 20)
    assert found == [bearer("t1")] * 3
    assert len(tokens.forms) == 1


async def test_a_caller_whose_loop_has_ended_leaves_the_token_to_the_others(tokens):
    tokens.open.clear()
    credentials = OAuthCredentials(source(tokens))

    def leave():
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(credentials.fetch(), 0.05))

    await asyncio.to_thread(leave)
    waiting = asyncio.create_task(credentials.fetch())
    await asyncio.wait_for(tokens.asked.wait(), 20)
    tokens.open.set()
    assert await waiting == bearer("t1")
    assert len(tokens.forms) == 1


async def test_two_connections_with_the_same_client_use_one_token(tokens):
    settings = WorkflowSettings(
        address="http://127.0.0.1:1",
        client_id="me",
        client_secret="hunter2",
        oauth_url=f"http://127.0.0.1:{tokens.port}/token",
    )
    made = [connect(settings), connect(settings)]
    for each in made:
        with pytest.raises(Unavailable, match="failed to connect"):
            await each.topology(deadline=timedelta(seconds=20))
        await each.close()
    assert len(tokens.forms) == 1
