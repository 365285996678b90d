"""The chaos runs: what they count, and that a short one finds nothing wrong."""

import asyncio
import json
import os
import sys
from collections import Counter

import pytest
from benchmarks import chaos_outbox
from benchmarks.chaos_records import (
    FAILED_AGAIN,
    GIVEN_BACK,
    HANDED_BACK,
    TIMED_OUT,
    Notes,
    Records,
    doubled,
)

JOB = 7
FACTS = {"a": ["a0", "a1", "a2"], "b": ["b0"]}
SENT = [("a", "a0"), ("b", "b0"), ("a", "a1"), ("a", "a2")]


def step(intent, at, retries=3, message="no"):
    value = {"retries": retries, "errorMessage": message}
    return {"valueType": "JOB", "intent": intent, "key": JOB, "timestamp": at, "value": value}


def activated(at):
    value = {"jobKeys": [JOB]}
    return {"valueType": "JOB_BATCH", "intent": "ACTIVATED", "timestamp": at, "value": value}


KILLED = "its process was killed"
CREATED = step("CREATED", 0, message="")


@pytest.mark.parametrize(
    ("steps", "reasons"),
    [
        ([activated(9), step("TIMED_OUT", 30)], {(TIMED_OUT, KILLED): 1}),
        ([activated(9), step("TIMED_OUT", 15)], {(TIMED_OUT, ""): 1}),
        ([activated(9), step("FAILED", 30, 2)], {}),
        ([activated(9), step("FAILED", 30)], {(HANDED_BACK, KILLED): 1}),
        ([activated(9), step("FAILED", 30, message="")], {(GIVEN_BACK, KILLED): 1}),
        ([activated(9)], {("called twice", KILLED): 1}),
        (
            # The failure of the first activation, sent again, arrives before the second call.
            [activated(1), step("FAILED", 3, 2), activated(5), step("FAILED", 8, 2), activated(35)],
            {(FAILED_AGAIN, ""): 1},
        ),
    ],
    ids=["killed", "timed out", "failed", "handed back", "given back", "twice", "failed again"],
)
def test_a_second_call_is_counted_with_what_has_forced_it(tmp_path, steps, reasons):
    lines = "".join(json.dumps(each) + "\n" for each in [CREATED, *steps])
    (tmp_path / "records").write_text(lines)
    (tmp_path / "notes").write_text(f"run {JOB} 100 10\nrun {JOB} 200 40\n")
    records, notes = Records(tmp_path), Notes(tmp_path)
    records.read()
    notes.read()
    found = doubled(records, notes, lambda run, end, how: KILLED if end > 20 else "")
    assert found == Counter(reasons)


@pytest.mark.parametrize(
    ("messages", "what"),
    [
        (SENT, None),
        (SENT[1:], "facts lost"),
        ([*SENT, SENT[0]], "messages doubled within their time to live"),
        ([SENT[2], SENT[0], SENT[3], SENT[1]], "messages out of order within their key"),
        ([*SENT, ("a", "a3")], "messages of facts that were rolled back"),
    ],
    ids=["sound", "lost", "doubled", "out of order", "rolled back"],
)
def test_what_became_of_committed_facts_is_counted(messages, what):
    _, wrong = chaos_outbox.report(FACTS, messages, {})
    assert {name: count for name, count in wrong.items() if count} == ({what: 1} if what else {})


async def chaos(*arguments, **variables):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.chaos", *arguments),
        env=os.environ | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, noted = await process.communicate()
    return process.returncode, said.decode(), noted.decode()


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_nothing_is_lost_in_a_short_chaos_of_kills():
    code, said, noted = await chaos("--only", "kills", "--minutes", "0.05", "--seed", "1", "--json")
    assert code == 0, said + noted
    found = json.loads(said)
    assert found["kills"]["instances completed"] > 0
    assert found["missed"] == []
    assert "starts" in noted


async def test_without_postgresql_the_chaos_says_what_to_set():
    code, said, noted = await chaos("--minutes", "0.05", DATABASE_URL="")
    assert (code, said) == (2, "")
    assert "export DATABASE_URL=$(tools/postgres.sh start)" in noted
