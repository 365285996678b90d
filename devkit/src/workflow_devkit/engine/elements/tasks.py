"""Tasks: most of them are jobs for somebody outside (semantics#job-tasks)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from typing_extensions import override

from workflow_devkit.engine.elements.behaviour import ElementBehaviour, PassThrough
from workflow_devkit.engine.expressions import Expression
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.state import Token, Trigger
from workflow_devkit.engine.variable_scopes import View
from workflow_runtime.bpmn.model import USER_TASK_TYPE, EventKind, Kind

_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_USER_TASK_HEADERS = {
    "assignee": "io.camunda.zeebe:assignee",
    "candidateGroups": "io.camunda.zeebe:candidateGroups",
    "candidateUsers": "io.camunda.zeebe:candidateUsers",
    "dueDate": "io.camunda.zeebe:dueDate",
    "followUpDate": "io.camunda.zeebe:followUpDate",
    "formKey": "io.camunda.zeebe:formKey",
}


class PlainTask(PassThrough):
    """Manual and undefined tasks: done before a boundary event could happen.

    See semantics#pass-through-tasks.
    """

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        # Unlike all others these have no output mappings either (semantics#mappings-left-out).
        pass


class JobTask(ElementBehaviour):
    """A job, with boundary events open while it waits."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        # What can fail first, so that an incident leaves neither subscriptions nor a job behind
        # (semantics#job-created).
        view = View(token)
        job_type = self.job_type(token, view)
        retries = token.node.job_retries.integer(view)
        headers = self.headers(token, view)
        self.context.catch_events.open(token, token.node.boundaries)
        self.context.jobs.create(token, job_type, retries, headers)
        life.activated(token)

    def job_type(self, token: Token, view: View) -> str:
        """The job type, which workers subscribe by.

        Raises:
            Failure: the diagram names none, or its expression gives no text.
        """
        expression = token.node.job_type
        if expression is None:
            raise Failure("EXTRACT_VALUE_ERROR", f"'{token.node.id}' has no job type")
        return expression.text_value(view)

    def headers(self, token: Token, view: View) -> Mapping[str, str]:
        """The headers of the job, as workers get them (semantics#job-headers)."""
        return token.node.headers


class UserTask(JobTask):
    """A job of a fixed type (semantics#user-task)."""

    @override
    def job_type(self, token: Token, view: View) -> str:
        return USER_TASK_TYPE

    @override
    def headers(self, token: Token, view: View) -> Mapping[str, str]:
        found = dict(token.node.headers)
        clock = self.context.store.clock
        for attribute, header in _USER_TASK_HEADERS.items():
            text = token.node.element.user_task.get(attribute)
            if text:
                value = Expression(text, clock, literal=True).evaluate_json(view)
                # Left out as the broker does (semantics#user-task); lists are texts of JSON.
                if value not in (None, "", []):
                    found[header] = value if isinstance(value, str) else _compact(value)
        # In the place of the id a form's job has the key of its latest version.
        form = token.node.element.user_task.get("formId")
        if form:
            name = Expression(form, clock, literal=True).evaluate_json(view)
            if name in self.context.store.forms:
                found[_USER_TASK_HEADERS["formKey"]] = str(self.context.store.forms[name])
        return found


class ScriptTask(JobTask):
    """An expression evaluated here, or a job by its task definition (semantics#script-task)."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        script = token.node.script
        if script is None:
            super().activate(life, token)
            return
        # Without a result variable no script is deployed: the name here is for the types only.
        result = {token.node.result_variable or "result": script.evaluate_json(View(token))}
        life.activated(token)
        # As if a job had brought the result: it goes through the output mappings.
        life.store.later(life.complete, token, Trigger(token.node, result))


class ReceiveTask(ElementBehaviour):
    """Waits for its message (semantics#receive-task)."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        assert token.node.event_kind is EventKind.NONE
        self.context.catch_events.open(token, [token.node, *token.node.boundaries])
        life.activated(token)


BEHAVIOURS = {
    Kind.SERVICE_TASK: JobTask,
    Kind.SEND_TASK: JobTask,
    Kind.BUSINESS_RULE_TASK: JobTask,
    Kind.USER_TASK: UserTask,
    Kind.SCRIPT_TASK: ScriptTask,
    Kind.RECEIVE_TASK: ReceiveTask,
    Kind.MANUAL_TASK: PlainTask,
    Kind.TASK: PlainTask,
}
