"""What all the tests share."""

pytest_plugins = ["tests.support.foreign", "tests.support.outboxes"]
