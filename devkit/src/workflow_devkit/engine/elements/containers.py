"""What holds tokens: the process, sub-processes, called processes (semantics#scope-ends)."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from workflow_devkit.engine.elements.behaviour import ElementBehaviour
from workflow_devkit.engine.failures import Failure
from workflow_devkit.engine.lifecycle import Lifecycle
from workflow_devkit.engine.state import Instance, Token, Trigger
from workflow_devkit.engine.variable_scopes import View
from workflow_runtime.bpmn.model import Kind


class Process(ElementBehaviour):
    """The root: its start event is activated by whoever creates the instance."""

    @override
    def keeps_trigger(self, token: Token) -> bool:
        # They become its start event's, which hands them on (semantics#event-variables).
        return False

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        # Nothing is opened here: its event sub-processes wait from the end of its start event on
        # (semantics#subscriptions-together).
        life.activated(token)
        # From here on a trigger is that of an event sub-process.
        trigger, token.trigger = token.trigger, None
        if trigger is not None:
            life.activate_now(trigger.node, token, trigger)
            return
        assert token.node.none_start is not None
        life.activate_later(token.node.none_start, token)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        # No scope is around it: `ended` hands its variables to its caller and to the result.
        pass

    @override
    def leave(self, life: Lifecycle, token: Token) -> None:
        self.context.process_instances.ended(token.instance, completed=True)

    @override
    def terminated(self, life: Lifecycle, instance: Instance) -> None:
        self.context.process_instances.ended(instance, completed=False)


class SubProcess(ElementBehaviour):
    """An embedded sub-process: one none start, done when nothing runs in it."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        # Nothing is opened here: its boundary events too wait from the end of its start event on
        # (semantics#subscriptions-together).
        node = token.node
        life.activated(token)
        assert node.none_start is not None
        life.activate_later(node.none_start, token)


class EventSubProcess(ElementBehaviour):
    """Activated by its start event's trigger (semantics#event-sub-process)."""

    @override
    def keeps_trigger(self, token: Token) -> bool:
        # They become its start event's, whose output mappings they go through.
        return False

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        node = token.node
        life.activated(token)
        assert node.start is not None
        # Its own trigger names the event sub-process; what catches is the start event.
        variables = token.trigger.variables if token.trigger else {}
        life.activate_later(node.start, token, Trigger(node.start, variables))

    @override
    def leave(self, life: Lifecycle, token: Token) -> None:
        # No flow leads out of it.
        pass


class CallActivity(ElementBehaviour):
    """Another process, as a child of this element (semantics#call-activity)."""

    @override
    def activate(self, life: Lifecycle, token: Token) -> None:
        node = token.node
        assert node.called is not None
        process_id = node.called.text_value(View(token))
        # The latest of this moment, whichever there was when the caller was deployed.
        process = self.context.store.latest(process_id)
        if process is None:
            text = (
                f"Expected process with BPMN process id '{process_id}' to be deployed, "
                "but not found."
            )
            raise Failure("CALLED_ELEMENT_ERROR", text)
        if process.root.none_start is None:
            text = (
                f"Expected process with BPMN process id '{process_id}' to have a none start event, "
                "but not found."
            )
            raise Failure("CALLED_ELEMENT_ERROR", text)
        # What can fail comes first: an incident leaves no child and no subscription behind.
        self.context.catch_events.open(token, node.boundaries)
        life.activated(token)
        self.context.process_instances.begin(process, _handed_over(token), caller=token)

    @override
    def complete(self, life: Lifecycle, token: Token) -> None:
        if not token.node.outputs and not token.node.propagate_child:
            # Without a document nothing of the child is merged (semantics#call-activity-variables).
            token.finishing = None
        super().complete(life, token)

    @override
    def terminate(self, life: Lifecycle, token: Token) -> bool:
        # The child ends first, and `instance_ended` then ends its caller.
        child = token.called
        # A child that has not begun yet will find its caller gone, and never begin.
        if child is None or child.key not in life.store.instances:
            return False
        life.store.later(life.terminate, child)
        return True


def _handed_over(token: Token) -> dict[str, Any]:
    """The variables that a called process gets (semantics#call-activity-variables)."""
    if token.node.propagate_parent:
        return View(token).merged()
    return dict(token.locals or {}) if token.node.inputs else {}


BEHAVIOURS = {
    Kind.PROCESS: Process,
    Kind.SUB_PROCESS: SubProcess,
    Kind.EVENT_SUB_PROCESS: EventSubProcess,
    Kind.CALL_ACTIVITY: CallActivity,
}
