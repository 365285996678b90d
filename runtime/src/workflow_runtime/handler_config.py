"""How one handler is run: its retries, its limits, what it fetches; checked as it is made."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from workflow_runtime.backoff import exponential
from workflow_runtime.errors import ConfigurationError
from workflow_runtime.foreign_words import with_foreign_words
from workflow_runtime.middleware import Middleware, checked_middlewares

__all__ = ["RetryPolicy", "TaskHandlerConfig", "handler_config"]

_ZERO = timedelta(0)
_LONGEST = timedelta(days=36_500)


def _check(good: bool, message: str) -> None:
    if not good:
        raise ConfigurationError(message)


_SHAPES: dict[type | tuple[type, ...], str] = {
    bool: "True or False",
    int: "a whole number, such as 3",
    (int, float): "a number, such as 2.0",
    timedelta: "a timedelta, such as timedelta(seconds=30)",
}


def _check_shape(config: Any, kind: type | tuple[type, ...], *names: str) -> None:
    """Refuses what is of another type; None is for the fields that may be left open."""
    for name in names:
        value = getattr(config, name)
        # For Python True is a number too.
        good = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        is_open = value is None and type(config).__dataclass_fields__[name].default is None
        where = f"{type(config).__name__}: {name}"
        _check(good or is_open, f"{where} must be {_SHAPES[kind]}, not {value!r}")


def _many(config: Any, name: str, example: str, good: Callable[[Any], bool]) -> tuple[Any, ...]:
    """Several of a kind; one alone is a slip, and a text would be taken for its letters."""
    value = getattr(config, name)
    several = isinstance(value, Iterable) and not isinstance(value, str | bytes | type)
    found = tuple(value) if several else ()
    where = f"{type(config).__name__}: {name}"
    _check(several and all(map(good, found)), f"{where} must be like {example}, not {value!r}")
    return found


@with_foreign_words
@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a failed job waits before its next attempt.

    The n-th failure waits ``initial_interval * backoff_coefficient ** (n - 1)``.

    Attributes:
        initial_interval: the wait after the first failure.
        backoff_coefficient: by how much each wait is longer than the one before; 1 or more.
        maximum_interval: the longest wait, jitter apart.
        jitter: the share by which a wait is shorter or longer by chance; 0.1 is ten percent.
        non_retryable: exceptions of these types make an incident at once.

    Raises:
        ConfigurationError: a wait is negative, or a number is not within its bounds.
    """

    initial_interval: timedelta = timedelta(seconds=1)
    backoff_coefficient: float = 2.0
    maximum_interval: timedelta = timedelta(minutes=5)
    jitter: float = 0.1
    non_retryable: tuple[type[BaseException], ...] = ()

    def __post_init__(self) -> None:
        _check_shape(self, timedelta, "initial_interval", "maximum_interval")
        _check_shape(self, (int, float), "backoff_coefficient", "jitter")
        for name in ("initial_interval", "maximum_interval"):
            good = _ZERO <= getattr(self, name) <= _LONGEST
            _check(good, f"RetryPolicy: {name} must be from 0 to {_LONGEST.days} days")
        _check(self.backoff_coefficient >= 1, "RetryPolicy: backoff_coefficient must be 1 or more")
        _check(0 <= self.jitter <= 1, "RetryPolicy: jitter must be from 0 to 1")
        found = _many(self, "non_retryable", "(ValueError, LookupError)", _is_exception)
        # A list is taken too; the class is frozen.
        object.__setattr__(self, "non_retryable", found)

    def delay(self, failures: int, rand: Callable[[], float] = random.random) -> timedelta:
        """Computes the wait before the next attempt.

        Args:
            failures: how many there have been; 1 is the first.
            rand: gives numbers from 0 to 1, for the jitter.

        Returns:
            How long to wait.
        """
        initial, longest = (
            t.total_seconds() for t in (self.initial_interval, self.maximum_interval)
        )
        factor = self.backoff_coefficient
        seconds = exponential(failures, initial=initial, maximum=longest, factor=factor)
        return timedelta(seconds=seconds * (1 + self.jitter * (2 * rand() - 1)))


def _is_exception(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


@with_foreign_words
@dataclass(frozen=True, slots=True)
class TaskHandlerConfig:
    """How one handler's jobs are fetched and what becomes of failures.

    None keeps what the diagram or the service's settings say.

    Attributes:
        incident_max_retries: attempts before an incident, instead of the diagram's number.
        retry_timeout: a fixed wait before the next attempt, instead of ``retry_policy``.
        retry_policy: the growing wait before the next attempt.
        job_timeout: how long the broker waits for a sign of life before it gives the job away
            (semantics#job-timeout); 100 ms or more.
        max_running: how many jobs of this type run at once in this process.
        heartbeat: extend the job's timeout while its handler runs.
        stream: have new jobs pushed, beside a slow poll (semantics#job-stream).
        variables: fetch only these, for handlers that use ``get_scope_variable``; what parameters
            and models declare comes besides.
        max_unfinished: after so many activations that never came to an end, because their process
            died, a job is given a time alone, and becomes an incident if that kills the process
            twice: the job of a handler that kills its process would come again for ever.
        stalled_handler: how long it may run before health, metrics and the log name it; nothing
            else happens to it.
        middleware: functions around this handler, the outermost first, inside of the builder's.

    Raises:
        ConfigurationError: a number is below 1, a duration too short, or a middleware is none.
    """

    incident_max_retries: int | None = None
    retry_timeout: timedelta | None = None
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    job_timeout: timedelta | None = None
    max_running: int | None = None
    heartbeat: bool = True
    stream: bool | None = None
    variables: tuple[str, ...] | None = None
    max_unfinished: int = 5
    stalled_handler: timedelta | None = None
    middleware: tuple[Middleware, ...] = ()

    def __post_init__(self) -> None:
        _check_shape(self, int, "incident_max_retries", "max_running", "max_unfinished")
        _check_shape(self, timedelta, "retry_timeout", "job_timeout", "stalled_handler")
        _check_shape(self, bool, "heartbeat", "stream")
        _check(
            isinstance(self.retry_policy, RetryPolicy),
            "TaskHandlerConfig: retry_policy must be a RetryPolicy, such as "
            f"RetryPolicy(backoff_coefficient=3), not {self.retry_policy!r}",
        )
        positive = (self.incident_max_retries, self.max_running, self.max_unfinished)
        _check(
            all(n is None or n >= 1 for n in positive),
            "TaskHandlerConfig: incident_max_retries, max_running, max_unfinished are 1 or more",
        )
        _check(
            self.job_timeout is None or self.job_timeout >= timedelta(milliseconds=100),
            "TaskHandlerConfig: job_timeout must be 100 ms or more",
        )
        _check(
            self.retry_timeout is None or self.retry_timeout >= _ZERO,
            "TaskHandlerConfig: retry_timeout must be 0 or more",
        )
        _check(
            self.stalled_handler is None or self.stalled_handler > _ZERO,
            "TaskHandlerConfig: stalled_handler must be more than 0",
        )
        if self.variables is not None:
            found = _many(self, "variables", '("userId", "plan")', _is_name)
            object.__setattr__(self, "variables", tuple(map(str.__str__, found)))
        around = _many(self, "middleware", "(log, measure)", lambda _: True)
        object.__setattr__(self, "middleware", checked_middlewares(around))

    def backoff(self, failures: int, rand: Callable[[], float] = random.random) -> timedelta:
        """Computes the wait before a job's next attempt, by ``retry_timeout`` or the policy.

        Args:
            failures: how many the job has had; 1 is the first.
            rand: gives numbers from 0 to 1, for the jitter.

        Returns:
            How long the engine keeps the job back.
        """
        if self.retry_timeout is not None:
            return self.retry_timeout
        return self.retry_policy.delay(failures, rand)


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and bool(name.strip())


def handler_config(given: Any = None, **fields: Any) -> TaskHandlerConfig:
    """Reads a handler's configuration as the builder is given it.

    Args:
        given: the configuration; None makes one of the fields.
        **fields: those of `TaskHandlerConfig`.

    Raises:
        ConfigurationError: it is none, or a field is not known or cannot be.
    """
    _check(
        given is None or isinstance(given, TaskHandlerConfig),
        "a handler's configuration must be a TaskHandlerConfig, such as "
        f"TaskHandlerConfig(max_running=4), not {given!r}",
    )
    return TaskHandlerConfig(**fields) if given is None else given
