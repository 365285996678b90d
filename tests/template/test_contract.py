"""The diagram of a generated service and its code: one made from the other, checked by both."""

import json

import pytest

NAMES = ["registration-service", "a1", "x-y-z", "my-2fa-b2b", "a" * 20 + "-" + "b" * 19]


@pytest.mark.parametrize("name", NAMES)
def test_the_constants_are_those_that_the_diagram_gives(bake, tool, name):
    service = bake(service_name=name)
    module = f"src/{name.replace('-', '_')}/constants.py"
    before = (service / module).read_bytes()
    tool(service, "workflow", "constants", "bpmn", "-o", module, "--check")
    tool(service, "workflow", "constants", "bpmn", "-o", module)
    assert (service / module).read_bytes() == before
    tool(service, "ruff", "format", "--check", "--no-cache", "src")


@pytest.mark.parametrize("answers", [{}, {"outbox": "sqlite"}])
def test_diagram_and_code_fit(bake, tool, answers):
    service = bake(**answers)
    found = tool(service, "workflow", "check", "registration_service.main:build", "--json")
    # Who confirms is not said: nothing in the service calls what would publish the event.
    assert [each["rule"] for each in json.loads(found)] == ["unpublished-event"]


def test_a_task_without_handler_fails_the_check(bake, tool):
    service = bake()
    main = service / "src" / "registration_service" / "main.py"
    kept = [line for line in main.read_text().splitlines() if "Task.GRANT_BONUS" not in line]
    main.write_text("\n".join(kept))
    with pytest.raises(AssertionError, match="registrationServiceProcess_grantBonus"):
        tool(service, "workflow", "check", "registration_service.main:build")
