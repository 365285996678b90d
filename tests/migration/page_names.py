"""Whether the code in a sentence names what there is: attributes, parameters, settings."""

import ast
import builtins
import inspect
import re

import grpc

import workflow_runtime
from workflow_runtime import (
    BpmnError,
    PublishedEvent,
    Retry,
    TaskHandlerConfig,
    Workflow,
    WorkflowBuilder,
    WorkflowSettings,
    WorkflowTask,
)
from workflow_runtime.gateway.port import Gateway
from workflow_runtime.gateway.values import ActivatedJob, ProcessInstance

SPAN = re.compile(r"`([^`]+)`")
ROOTS = {"builder": WorkflowBuilder, "task": WorkflowTask, "workflow": Workflow}
WITHIN = {
    (WorkflowTask, "job"): ActivatedJob,
    (WorkflowTask, "workflow"): Workflow,
    (WorkflowBuilder, "settings"): WorkflowSettings,
    (Workflow, "gateway"): Gateway,
}
CALLED = {each.__name__: each for each in (BpmnError, Retry, WorkflowBuilder)}


def wrong_in(text):
    """What the code in a text names that is not there."""
    return [problem for code in SPAN.findall(text) for problem in _wrong(code)]


def _wrong(code):
    tree = _parsed(code)
    if tree is None:
        return []
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Call)]
    return [f"{code}: {problem}" for node in nodes if (problem := _problem(node))]


def _parsed(code):
    """The code as a tree; what stands for something else is left out. None: it is no Python."""
    whole = code.replace("(…, ", "(x, ").replace("{…}", "{}").replace("=…", "=x")
    whole = re.sub(r"^@|^await |^raise |^return |^from .*|^async .*|^def .*", "", whole)
    try:
        return ast.parse(whole, mode="eval")
    except SyntaxError:
        return None


def _owner(node):
    """The class of an expression; None where it is none of ours."""
    if isinstance(node, ast.Name):
        return ROOTS.get(node.id)
    if isinstance(node, ast.Attribute):
        return WITHIN.get((_owner(node.value), node.attr))
    return None


def _problem(node):
    if isinstance(node, ast.Attribute):
        owner = _owner(node.value)
        if isinstance(node.value, ast.Name) and node.value.id == "result":
            there = hasattr(ProcessInstance, node.attr) or hasattr(PublishedEvent, node.attr)
            return "" if there else f"no result has {node.attr}"
        return "" if owner is None or _has(owner, node.attr) else f"{owner} has no {node.attr}"
    return _misfit(node)


def _has(owner, name):
    # What a class is given, it has as an attribute.
    given = {each for kind in owner.__mro__[:-1] for each in _parameters(kind)}
    return hasattr(owner, name) or name in given or name in getattr(owner, "model_fields", {})


def _parameters(kind):
    try:
        return inspect.signature(kind).parameters
    except ValueError:  # of a class that is written in C
        return ()


def _misfit(call):
    """Whether a call gives what there is no parameter for."""
    function = _function(call.func)
    if function is None:
        return ""
    given = {each.arg for each in call.keywords}
    parameters = inspect.signature(function).parameters
    known = set(parameters)
    if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        known |= set(TaskHandlerConfig.__dataclass_fields__) | set(WorkflowSettings.model_fields)
    return f"no parameters {given - known}" if given - known else ""


def _function(node):
    if isinstance(node, ast.Name):
        return CALLED.get(node.id)
    if isinstance(node, ast.Attribute) and (owner := _owner(node.value)):
        return getattr(owner, node.attr, None)
    return None


def known_words():
    """Every bare word of ours: settings, parameters, errors, states, methods."""
    methods = [
        getattr(owner, name)
        for owner in (Workflow, WorkflowBuilder)
        for name in dir(owner)
        if not name.startswith("_") and callable(getattr(owner, name))
    ]
    return {
        *WorkflowSettings.model_fields,
        *TaskHandlerConfig.__dataclass_fields__,
        *workflow_runtime.__all__,
        *(name for method in methods for name in inspect.signature(method).parameters),
        *(method.__name__ for method in methods),
        *(status.name for status in grpc.StatusCode),
        *dir(builtins),
    }
