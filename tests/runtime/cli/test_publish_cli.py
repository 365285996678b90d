"""`workflow publish`: each call is an event, the same id is the same event."""

import json

from typer.testing import CliRunner

from workflow_runtime.cli._app import app


def publish(address, *options):
    arguments = ["publish", "order_paid", "--address", address, "--json", *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_call_is_an_event_of_its_own(address):
    first, again = (publish(address, "--key", "7", "--var", "amount=5") for _ in range(2))
    assert [each["outcome"] for each in (first, again)] == ["published", "published"]
    assert first["id"] != again["id"]


def test_the_same_id_again_is_said_to_be_a_duplicate_and_no_error(address):
    first, again = (publish(address, "--key", "7", "--id", "mine") for _ in range(2))
    other = publish(address, "--key", "8", "--id", "mine")
    assert [each["outcome"] for each in (first, again, other)] == [
        "published",
        "duplicate",
        "published",
    ]
    assert first["id"] == again["id"] == "mine"


def test_people_read_that_a_duplicate_reaches_nobody(address):
    arguments = ["publish", "order_paid", "--address", address, "--id", "mine"]
    CliRunner().invoke(app, arguments)
    result = CliRunner().invoke(app, arguments)
    assert result.stdout == (
        "order_paid: duplicate, the engine keeps an event with this id already and "
        "nobody gets this one, id mine\n"
    )
