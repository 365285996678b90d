"""SpiffWorkflow: the peer of the engine benchmark, on the same diagram."""

import io

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState


class _Conditions(PythonScriptEngine):
    """Takes a condition as Zeebe writes it: with an equals sign before it."""

    def evaluate(self, task, expression, external_context=None):
        return super().evaluate(task, expression.removeprefix("="), external_context)


def load(resource):
    """Parse once: instances share the specification."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(resource.content), resource.name)
    (process,) = parser.get_process_ids()
    return parser.get_spec(process), _Conditions()


def run(loaded, scope, answers):
    """One instance; a service task is started, and completed with its answer from outside."""
    spec, engine = loaded
    workflow = BpmnWorkflow(spec, script_engine=engine)
    workflow.task_tree.data.update(scope)
    workflow.do_engine_steps()
    while waiting := workflow.get_tasks(state=TaskState.STARTED):
        for task in waiting:
            task.data.update(answers[task.task_spec.name])
            task.complete()
        workflow.do_engine_steps()
    assert workflow.is_completed()
    return workflow.last_task.task_spec.name
