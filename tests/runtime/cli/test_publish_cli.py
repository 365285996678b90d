"""`workflow publish`: twice is once."""

import json

from typer.testing import CliRunner

from workflow_runtime.cli._app import app


def publish(address, *options):
    arguments = ["publish", "order_paid", "--address", address, "--json", *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_same_event_again_is_said_to_be_known_and_no_error(address):
    first = publish(address, "--key", "7", "--var", "amount=5")
    again = publish(address, "--key", "7", "--var", "amount=5")
    other = publish(address, "--key", "7", "--var", "amount=6")
    assert [each["outcome"] for each in (first, again, other)] == [
        "published",
        "duplicate",
        "published",
    ]
    assert first["id"] == again["id"] != other["id"]


def test_a_given_id_wins(address):
    assert publish(address, "--id", "mine")["id"] == "mine"
