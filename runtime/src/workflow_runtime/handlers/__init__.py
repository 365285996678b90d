"""From a handler's signature to a plain function of a task."""

from workflow_runtime.handlers.annotations import plain_type
from workflow_runtime.handlers.bound_handler import BoundHandler, bind
from workflow_runtime.handlers.callables import job_type_of, plain_function
from workflow_runtime.handlers.scope_type import ScopeType

__all__ = ["BoundHandler", "ScopeType", "bind", "job_type_of", "plain_function", "plain_type"]
