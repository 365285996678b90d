"""The type of a parameter that takes the scope: what it reads, how it is filled."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError, to_json

from workflow_runtime.errors import HandlerError
from workflow_runtime.gateway.values import Scope
from workflow_runtime.handlers.annotations import plain_type, without_none
from workflow_runtime.handlers.scope_reads import ScopeReads, reads_of

__all__ = ["ScopeType"]


class ScopeType:
    """A type that pydantic fills with the variables of a job.

    Args:
        where: the handler, for errors.
        name: the parameter.
        hint: its annotation.

    Attributes:
        reads: which variables it reads.

    Raises:
        HandlerError: no job could ever fill it.
    """

    __slots__ = ("_adapter", "reads")

    def __init__(self, where: str, name: str, hint: Any) -> None:
        kind = plain_type(hint)
        shown = getattr(kind, "__name__", str(kind))
        if kind is BaseModel:
            raise HandlerError(
                f"{where}: parameter {name!r} is a BaseModel, which has no fields: write a model "
                "with the variables that the handler reads"
            )
        try:
            # Without `… | None`: there is always a scope, and errors name the model alone.
            self._adapter: TypeAdapter[Any] = TypeAdapter(without_none(hint))
            reads = reads_of(self._adapter.core_schema)
        except (PydanticUserError, PydanticSchemaGenerationError, NameError) as error:
            first = str(error).partition("\n")[0]
            raise HandlerError(
                f"{where}: parameter {name!r} cannot be filled: pydantic cannot use {shown} "
                f"({first}); mend the type, or take task: WorkflowTask and read task.scope"
            ) from error
        if reads is None:
            raise HandlerError(
                f"{where}: parameter {name!r} cannot be filled: a scope is an object of "
                f"variables, and {shown} takes none; give it fields, make it a "
                f"RootModel[dict[str, …]], or say which variable it is, with Field(alias={name!r})"
            )
        self.reads: ScopeReads = reads

    def validate(self, scope: Scope) -> Any:
        """Makes the value of one job, as ``model_validate_json`` does.

        Args:
            scope: the job's variables.

        Returns:
            What the handler is given.

        Raises:
            pydantic.ValidationError: they do not fit.
        """
        # Variables are JSON: strict types take a text for a date there, and a list for a tuple.
        try:
            return self._adapter.validate_json(to_json(scope))
        except PydanticSerializationError:
            pass
        except ValidationError as error:
            if not _is_unreadable(error):
                raise
        # Lone surrogates and deep nesting, which pydantic's reader of JSON refuses: so the error,
        # if there is one, names the field.
        return self._adapter.validate_python(scope)


def _is_unreadable(error: ValidationError) -> bool:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return first["type"] == "json_invalid" and not first["loc"]
