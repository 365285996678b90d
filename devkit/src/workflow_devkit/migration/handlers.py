"""What becomes of a handler's parameters, and of what an exception handler decides."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from workflow_devkit.migration.kinds import Function, Kind
from workflow_devkit.migration.knowledge import Knowledge
from workflow_devkit.migration.reading import Module, code_of

__all__ = ["OLD_DECISIONS", "decisions", "parameters"]

OLD_DECISIONS: Final[Mapping[str, str]] = {
    "error": "set_error_status",
    "failure": "set_failure_status",
    "success": "set_success_status",
}
"""Methods of a controller of pyzeebe 2, by today's names."""

_BACK_OFF: Final = 2
"""Arguments of ``set_failure_status`` before the variables: the message, the back-off."""
Said = tuple[ast.stmt | ast.arg, str, str]
"""Where, which word, and what is said."""


def parameters(
    module: Module, function: Function, knowledge: Knowledge, *, handler: bool
) -> Iterator[Said]:
    """What is to be said of the parameters of a function.

    Args:
        module: its file.
        function: a handler, or any function that is given a job.
        knowledge: what names stand for.
        handler: whether pyzeebe calls it with a job's variables.
    """
    args = function.node.args
    plain: list[ast.arg] = []
    for each in (*function.parameters, *args.kwonlyargs):
        kind = function.inner.names.get(each.arg)
        if kind == Kind("value", "Job"):
            exact = _is_exact(module, each, function, knowledge)
            yield (each, "job: Job" if exact or not handler else "a Job that pyzeebe does not know",
                   f"{each.arg}: {_shown(each.annotation) or 'Job'}")  # fmt: skip
        elif handler:
            plain.append(each)
    if handler:
        yield from _variables(function, plain, knowledge)


def _variables(function: Function, plain: list[ast.arg], knowledge: Knowledge) -> Iterator[Said]:
    args = function.node.args
    by_word: dict[str, list[ast.arg]] = {}
    for each in plain:
        by_word.setdefault(_word_of(each, function, knowledge), []).append(each)
    for word, found in by_word.items():
        yield found[0], word, ", ".join(map(_declared, found))
    if args.kwarg:
        yield args.kwarg, "**variables", f"**{args.kwarg.arg}"
    if args.vararg:
        yield args.vararg, "*args", f"*{args.vararg.arg}"
    if not (function.parameters or args.kwonlyargs or args.kwarg or args.vararg):
        yield function.node, "no parameters", f"{function.node.name}()"


def _word_of(each: ast.arg, function: Function, knowledge: Knowledge) -> str:
    if _is_bare(each):
        return "a variable called task" if each.arg == "task" else "parameters without annotation"
    is_class = knowledge.is_record(each.annotation, function.defined_in)
    return "a class as annotation" if is_class else "annotated parameters"


def _is_bare(each: ast.arg) -> bool:
    return _shown(each.annotation) in {"", "Any", "object"}


def _declared(each: ast.arg) -> str:
    return each.arg if _is_bare(each) else f"{each.arg}: {_shown(each.annotation)}"


def _is_exact(module: Module, each: ast.arg, function: Function, knowledge: Knowledge) -> bool:
    """Whether pyzeebe takes it for a job: it compares the annotation with the class itself."""
    if each.annotation is None or module.postponed:
        return False
    kind = knowledge.kind(each.annotation, function.defined_in)
    return kind is not None and kind.how == "word" and kind.name == "Job"


def _shown(annotation: ast.expr | None) -> str:
    return code_of(annotation) if annotation else ""


def decisions(node: ast.Call, method: str, passes_job: bool) -> tuple[str, str]:
    """Which word of `EXCEPTION_HANDLERS` a call of a controller's method is, and what is said."""
    method = OLD_DECISIONS.get(method, method)
    given = {each.arg for each in node.keywords}
    second = node.args[1] if len(node.args) > 1 else None
    if passes_job:
        name = "an exception handler that passes the job as the message"
    elif method == "set_failure_status":
        waits = second or next(
            (k.value for k in node.keywords if k.arg == "retry_back_off_ms"), None
        )
        zero = isinstance(waits, ast.Constant) and not waits.value
        more = " with a back-off" if waits is not None and not zero else ""
        more = " with variables" if "variables" in given or len(node.args) > _BACK_OFF else more
        name = f"an exception handler that fails the job{more}"
    elif method == "set_error_status":
        code = second or next((k.value for k in node.keywords if k.arg == "error_code"), None)
        empty = code is None or (isinstance(code, ast.Constant) and not code.value)
        name = f"an exception handler that throws an error with{'out' if empty else ''} a code"
    elif method == "set_success_status":
        name = "an exception handler that completes the job"
    elif method == "set_running_after_decorators_status":
        return f"JobController.{method}", method
    else:
        name = "an exception handler of another kind"
    # `**more` may hold anything.
    return ("an exception handler of another kind" if None in given else name), name
