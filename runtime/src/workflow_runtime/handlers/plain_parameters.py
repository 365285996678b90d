"""Parameters that are single variables: each takes the variable of its name, or of its alias."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError, create_model
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind
from pydantic_core import InitErrorDetails, PydanticCustomError

from workflow_runtime.errors import HandlerError
from workflow_runtime.gateway.values import Scope
from workflow_runtime.handlers.annotations import eager, has_alias, is_unknown
from workflow_runtime.handlers.scope_reads import ScopeReads
from workflow_runtime.handlers.scope_type import ScopeType

__all__ = ["PlainParameters", "is_data"]

_EMPTY: Final = inspect.Parameter.empty


class _Silent(GenerateJsonSchema):
    """Nobody reads the schema: only whether there is one counts."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012 - as it is declared there
        *("skipped-choice", "non-serializable-default", "skipped-discriminator")
    }


class PlainParameters:
    """The plain parameters of one handler.

    Args:
        where: the handler, for errors.
        name: the handler's name, for incidents.
        parameters: they themselves, each with its annotation; None is none.

    Attributes:
        reads: which variables they take.
        taken_by: the parameter that takes each of these variables.

    Raises:
        HandlerError: two take one variable, or a variable has no name.
    """

    __slots__ = ("_defaults", "_name", "_raw", "_type", "_typed", "_variables", "reads", "taken_by")

    def __init__(
        self, where: str, name: str, parameters: Iterable[tuple[inspect.Parameter, Any]]
    ) -> None:
        self._name = name
        raw: list[inspect.Parameter] = []
        typed: dict[str, Any] = {}
        for each, hint in parameters:
            # The hot path: what nobody has to look at does not go through pydantic.
            if is_unknown(hint) and not isinstance(each.default, FieldInfo):
                raw.append(each)
            else:
                typed[each.name] = field_of(each, hint)
        self._raw = tuple((each.name, each.default) for each in raw)
        self._typed = tuple(typed)
        self._type = _type_of(where, name, list(typed.values())) if typed else None
        typed_reads = self._type.reads if self._type else ScopeReads()
        fields, self._variables = typed_reads.fields, typed_reads.names
        self._defaults = frozenset(
            variable for names, required in fields if not required for variable in names
        )
        self.reads = ScopeReads(
            (*(((each.name,), each.default is _EMPTY) for each in raw), *fields),
            nullable=typed_reads.nullable,
        )
        self.taken_by = _taken_by(where, [*(each.name for each in raw), *typed], self.reads)

    def values(self, scope: Scope) -> dict[str, Any]:
        """Takes the values of one job.

        Args:
            scope: the job's variables.

        Returns:
            The value of each parameter: where the variable is missing its default, and also where
            it is null and the annotation allows no None.

        Raises:
            pydantic.ValidationError: variables are missing or do not fit; shows none of them.
        """
        found, missing = {}, []
        for name, default in self._raw:
            if name in scope:
                found[name] = scope[name]
            elif default is _EMPTY:
                missing.append(name)
            else:
                # As pydantic does: what one job adds to a list is no other job's.
                found[name] = deepcopy(default)
        try:
            if self._type is not None:
                # In the order of the fields, which is that of the parameters.
                read = self._validated(self._type, scope)
                found.update(zip(self._typed, vars(read).values(), strict=True))
        except ValidationError as error:
            raise self._unfit(scope, missing, error) from None
        if missing:
            raise self._unfit(scope, missing)
        return found

    def _validated(self, kind: ScopeType, scope: Scope) -> Any:
        given = {name: scope[name] for name in self._variables if name in scope}
        try:
            return kind.validate(given)
        except ValidationError as error:
            # Only pydantic knows whether an annotation takes None.
            nulls = {name for name in _first_steps(error) if given.get(name, name) is None}
            if nulls.isdisjoint(self._defaults):
                raise
            return kind.validate(
                {name: value for name, value in given.items() if name not in nulls & self._defaults}
            )

    def _unfit(
        self, scope: Scope, missing: Sequence[str], error: ValidationError | None = None
    ) -> ValidationError:
        lines = [self._missing(name) for name in missing]
        try:
            lines += [self._line(scope, each) for each in _details(error)] if error else []
        except Exception:  # noqa: BLE001 - validators are the handler's own, and so are their errors
            if error is not None and not lines:
                return error
        return ValidationError.from_exception_data(
            f"the parameters of {self._name}", lines, input_type="json", hide_input=True
        )

    def _line(self, scope: Scope, each: Mapping[str, Any]) -> InitErrorDetails:
        first = str(each["loc"][0])
        if first not in scope:
            return self._missing(first)
        kind, text = each["type"], each["msg"]
        # What a validator of the user's own says of null tells more.
        if scope[first] is None and kind not in {"value_error", "assertion_error"}:
            text = f"it is null, and parameter {self.taken_by[first]!r} neither allows None nor "
            kind, text = "null", f"{text}has a default"
        # Its text is a template only where values for it are given.
        return {"type": PydanticCustomError(kind, text), "loc": each["loc"], "input": None}

    def _missing(self, variable: str) -> InitErrorDetails:
        text = f"the variable is missing, and parameter {self.taken_by[variable]!r} has no default"
        kind = PydanticCustomError("missing", text)
        return {"type": kind, "loc": (variable,), "input": None}


def is_data(where: str, parameter: inspect.Parameter, hint: Any) -> bool:
    """Whether pydantic makes such values of JSON.

    Args:
        where: the handler, for errors.
        parameter: whose annotation it is.
        hint: the annotation.

    Raises:
        HandlerError: pydantic takes the type, but not what is said about it.
    """
    try:
        made = create_model("parameter", value=field_of(parameter, hint))
        made.model_json_schema(schema_generator=_Silent)
    # Pydantic stumbles over annotations that are no types, such as an example of the variable.
    except (
        *(PydanticSchemaGenerationError, PydanticInvalidForJsonSchema),
        *(AttributeError, KeyError),
    ):
        return False
    except Exception as error:
        first = str(error).partition("\n")[0]
        raise HandlerError(
            f"{where}: parameter {parameter.name!r} cannot be filled: pydantic cannot use its "
            f"annotation ({first}); mend it, or take task: WorkflowTask and read task.scope"
        ) from error
    # Final and ClassVar, which say nothing of a parameter, make no field of a default.
    return "value" in made.model_fields


def field_of(parameter: inspect.Parameter, hint: Any) -> tuple[Any, Any]:
    """What pydantic's ``create_model`` wants for a parameter; its variable is the field's alias."""
    hint, default = Any if hint is None else eager(hint), parameter.default
    if not has_alias(hint, default):
        hint = Annotated[hint, Field(validation_alias=parameter.name)]
    if isinstance(default, FieldInfo):
        return hint, default
    return hint, ... if default is _EMPTY else Field(default=default)


def _type_of(where: str, name: str, fields: Sequence[tuple[Any, Any]]) -> ScopeType:
    # Names of their own: a field of pydantic may not be called `json` or `_id`.
    named: dict[str, Any] = {f"p{number}": field for number, field in enumerate(fields)}
    return ScopeType(where, "", create_model(f"the parameters of {name}", **named))


def _taken_by(where: str, parameters: Sequence[str], reads: ScopeReads) -> dict[str, str]:
    taken: dict[str, str] = {}
    for parameter, (variables, _) in zip(parameters, reads.fields, strict=True):
        for variable in variables:
            if not variable.strip():
                raise HandlerError(
                    f"{where}: the alias of parameter {parameter!r} is empty: give it the name of "
                    "a variable"
                )
            if taken.setdefault(variable, parameter) != parameter:
                raise HandlerError(
                    f"{where}: parameters {taken[variable]!r} and {parameter!r} are both the "
                    f"variable {variable!r}: remove one of them, or give it another alias"
                )
    return taken


def _details(error: ValidationError) -> Sequence[Mapping[str, Any]]:
    return error.errors(include_url=False, include_input=False, include_context=False)


def _first_steps(error: ValidationError) -> set[str]:
    try:
        return {str(each["loc"][0]) for each in _details(error) if each["loc"]}
    except Exception:  # noqa: BLE001 - validators are the handler's own, and so are their errors
        return set()
