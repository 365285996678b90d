"""Reads a service's handlers and sources into a `ServiceModel`; nothing is run for it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from types import ModuleType
from typing import Any

from workflow_devkit.check.middlewares import passing
from workflow_devkit.check.model_fields import given_by_result
from workflow_devkit.check.published_events import named_events, typed_events
from workflow_devkit.check.raised_errors import codes_in, codes_of
from workflow_devkit.check.returned_names import given_by_source
from workflow_devkit.check.service_model import HandlerFacts, ServiceModel
from workflow_devkit.check.source_unit import attributes_of, function_unit, module_unit
from workflow_runtime._worker.subscription import Subscription
from workflow_runtime.handlers import plain_function

__all__ = ["read_service"]


def read_service(
    subscriptions: Sequence[Subscription],
    external: Iterable[str],
    starts: Mapping[str, frozenset[str]],
) -> ServiceModel:
    """What handlers and the packages around them say about themselves.

    Args:
        subscriptions: the handlers.
        external: patterns of task types that other services work on.
        starts: by process id, the variables that every instance starts with, if that is known.
    """
    modules = list(_modules(subscriptions))
    units = [unit for module in modules if (unit := module_unit(module))]
    # Typed events last: of two with one name theirs is kept, which knows its scope.
    events = [*named_events(units), *typed_events(modules)]
    return ServiceModel(
        handlers={each.job_type: _facts(each) for each in subscriptions},
        events={event.name: event for event in events},
        external=tuple(external),
        starts=starts,
        raised=codes_in(units),
    )


def _facts(subscription: Subscription) -> HandlerFacts:
    handler = subscription.handler
    function = plain_function(handler.function)
    place = getattr(_innermost(function), "__code__", None)
    around = [passing(each) for each in subscription.middlewares]
    needed = tuple(names for reads in handler.reads for names in reads.needed)
    return HandlerFacts(
        job_type=subscription.job_type,
        name=handler.name,
        file=place.co_filename if place else "",
        line=place.co_firstlineno if place else 0,
        # A middleware may bring what the process does not have.
        asks=needed if all(each.scope for each in around) else (),
        nullable=frozenset().union(*(reads.nullable for reads in handler.reads)),
        gives=_given(handler.result, function) if all(each.result for each in around) else None,
        raises=codes_of(function),
        attempts=subscription.config.incident_max_retries,
    )


def _given(hint: Any, function: Callable[..., Any]) -> frozenset[str] | None:
    unit = function_unit(function)
    if unit and "set_scope" in attributes_of(unit):
        return None
    said, returned = given_by_result(hint), given_by_source(function)
    # An annotation may say less than what is returned: `-> None`, or a base class.
    return returned if said is None else said | (returned or frozenset())


def _innermost(function: Callable[..., Any]) -> Any:
    return inspect.unwrap(getattr(function, "__func__", function))


def _modules(subscriptions: Iterable[Subscription]) -> Iterator[ModuleType]:
    """Everything that is loaded of the packages in which the handlers are."""
    names = {plain_function(each.handler.function).__module__ for each in subscriptions}
    packages = tuple(f"{_package(name)}." for name in names if name)
    # A copy: looking at a module may import others. In order, so that findings are too.
    for name, module in sorted(sys.modules.items()):
        # The dot keeps `orders_admin` out of the package `orders`.
        if isinstance(module, ModuleType) and f"{name}.".startswith(packages):
            yield module


def _package(name: str) -> str:
    """The outermost package of a module; folders without ``__init__`` bind nothing together."""
    homes = accumulate(name.split("."), "{}.{}".format)
    return next((each for each in homes if getattr(sys.modules.get(each), "__file__", None)), name)
