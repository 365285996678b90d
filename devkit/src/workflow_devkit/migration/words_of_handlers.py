"""pyzeebe's words for handlers, and for what is around them."""

from __future__ import annotations

from typing import Final

from workflow_devkit.migration.word import DIFFERS, NONE, SAME, Word, table

_TENANTS: Final = "nothing: the runtime knows the default tenant only"

KEYWORDS: Final[dict[str, Word]] = table(
    "keywords-of-a-task",
    ("task(task_type)", SAME, '`@builder.task("the type")`: the first argument'),
    (
        "task(exception_handler)",
        DIFFERS,
        "raise what it decided (exception-handlers)",
    ),
    (
        "task(variables_to_fetch)",
        DIFFERS,
        ("nothing where parameters name them; for `task.get_scope_variable`: `variables=(…)`"),
    ),
    (
        "task(timeout_ms)",
        DIFFERS,
        (
            "nothing: a running handler keeps its job; or `@builder.task(…, "
            "job_timeout=timedelta(seconds=30))`"
        ),
    ),
    ("task(max_jobs_to_activate)", SAME, "nothing: as many as there is room for; remove it"),
    ("task(max_running_jobs)", SAME, "`@builder.task(…, max_running=32)`"),
    ("task(before)", DIFFERS, "`@builder.task(…, middleware=[f])`: `async def f(task, call_next)`"),
    ("task(after)", DIFFERS, "`@builder.task(…, middleware=[f])`: `async def f(task, call_next)`"),
    ("task(single_value)", SAME, 'nothing: `return {"name": value}`'),
    ("task(variable_name)", SAME, 'nothing: `return {"name": value}`'),
)

PARAMETERS: Final[dict[str, Word]] = table(
    "parameters-of-handlers",
    ("Job", SAME, "a parameter `task: WorkflowTask`"),
    ("job: Job", SAME, "`task: WorkflowTask`"),
    (
        "a Job that pyzeebe does not know",
        DIFFERS,
        (
            "`task: WorkflowTask`; pyzeebe takes this parameter for a variable of its name: only "
            "`job: Job` that is not a text is one, so this handler cannot have worked"
        ),
    ),
    ("parameters without annotation", SAME, "the same: each is the variable of its name"),
    (
        "a variable called task",
        DIFFERS,
        (
            '`task: Annotated[Any, Field(alias="task")]`, of pydantic: without an annotation, or '
            "with Any, `task` is the task"
        ),
    ),
    (
        "a class as annotation",
        DIFFERS,
        (
            '`Annotated[Order, Field(alias="order")]`, of pydantic, for the variable `order`: a '
            "pydantic model or a TypedDict alone takes all variables together, other classes are "
            "refused"
        ),
    ),
    (
        "annotated parameters",
        DIFFERS,
        (
            "the same, but a value that does not fit its annotation is an incident: leave the "
            "annotation out to take it as it comes"
        ),
    ),
    ("**variables", SAME, "the same: it takes all variables that no parameter names"),
    ("*args", NONE, "remove it: pyzeebe passes nothing in it, and the builder refuses it"),
    ("no parameters", SAME, "the same, and nothing is fetched"),
)

JOB: Final[dict[str, Word]] = table(
    "fields-of-a-job",
    ("Job.key", SAME, "`task.job.key`"),
    ("Job.type", SAME, "`task.job.job_type`"),
    (
        "Job.variables",
        SAME,
        (
            '`task.scope`, with `["name"]` and `.get("name")` as before, or parameters; '
            '`task.get_scope_variable("name")` without a default is an incident where it is missing'
        ),
    ),
    ("Job.custom_headers", SAME, "`task.headers`"),
    ("Job.process_instance_key", SAME, "`task.instance_key`"),
    ("Job.bpmn_process_id", SAME, "`task.process_id`"),
    ("Job.process_definition_version", SAME, "`task.job.definition_version`"),
    ("Job.process_definition_key", SAME, "`task.job.definition_key`"),
    ("Job.element_id", SAME, "`task.element_id`"),
    ("Job.element_instance_key", SAME, "`task.job.element_instance_key`"),
    ("Job.worker", SAME, "`task.job.worker`"),
    ("Job.retries", DIFFERS, "`task.retries_left`; `task.attempt` counts executions, from 1"),
    ("Job.deadline", DIFFERS, "`task.deadline`: a datetime (pyzeebe: milliseconds)"),
    ("Job.tenant_id", NONE, _TENANTS),
    (
        "Job.status",
        NONE,
        "nothing: a middleware knows whether `call_next(task)` returned or raised",
    ),
    ("Job.task_result", SAME, "what `call_next(task)` returns in a middleware"),
    ("Job.set_task_result", SAME, "return it from the handler, or from a middleware"),
    ("JobStatus", NONE, "nothing: a middleware knows whether `call_next(task)` returned or raised"),
)

EXCEPTION_HANDLERS: Final[dict[str, Word]] = table(
    "exception-handlers",
    (
        "an exception handler that fails the job",
        SAME,
        "nothing: let the exception through; the retry policy waits between attempts. Remove it",
    ),
    (
        "an exception handler that fails the job with a back-off",
        DIFFERS,
        "`retry_policy` of the handler, or `raise Retry(seconds, message)`",
    ),
    (
        "an exception handler that fails the job with variables",
        NONE,
        (
            "the exception, and nothing for the variables: those of a failed attempt are not sent; "
            "log them, or complete the job with them and let the diagram go round"
        ),
    ),
    (
        "an exception handler that throws an error with a code",
        SAME,
        "`raise BpmnError(code, message, scope)` in the handler, or in a middleware for all",
    ),
    (
        "an exception handler that throws an error without a code",
        DIFFERS,
        (
            "`raise BpmnError(code, message)` where the diagram catches it, else "
            "`raise WorkflowIncident(message)`: only an event that catches all errors has caught it"
        ),
    ),
    (
        "an exception handler that completes the job",
        DIFFERS,
        "`try` and `except` in the handler, or a middleware that returns the variables",
    ),
    (
        "an exception handler that decides nothing",
        DIFFERS,
        (
            "nothing, or a middleware that logs and raises again: today such a job comes back "
            "after its timeout for ever; here it has attempts, then an incident"
        ),
    ),
    (
        "an exception handler that passes the job as the message",
        DIFFERS,
        (
            "`raise BpmnError(code, message)`; the first argument is the message: today this call "
            "fails, and the job comes back after its timeout for ever"
        ),
    ),
    (
        "an exception handler of another kind",
        DIFFERS,
        "its decisions as exceptions: `BpmnError`, `Retry`, `WorkflowIncident`",
    ),
    ("JobController", DIFFERS, "exceptions: `BpmnError`, `Retry`, `WorkflowIncident`"),
    (
        "JobController.set_failure_status",
        DIFFERS,
        "raise any exception, or `raise Retry(seconds, message)`",
    ),
    ("JobController.set_error_status", DIFFERS, "`raise BpmnError(code, message, scope)`"),
    ("JobController.set_success_status", SAME, "return the variables"),
    ("JobController.set_running_after_decorators_status", SAME, "nothing; remove it"),
    ("ExceptionHandler", SAME, "nothing; exceptions decide"),
    ("default_exception_handler", SAME, "nothing: let the exception through"),
)

DECORATORS: Final[dict[str, Word]] = table(
    "decorators",
    ("TaskDecorator", DIFFERS, "`Middleware`: `async def f(task, call_next)`"),
    (
        "a decorator of jobs",
        DIFFERS,
        (
            "a middleware, `async def f(task, call_next)`: what stands before "
            "`await call_next(task)` was `before`, what stands behind it was `after`; an exception "
            "in it fails the attempt (pyzeebe: logged, and the job goes on)"
        ),
    ),
)
