"""Which variables a type reads of a scope, by pydantic's own plan of its validation.

Not by ``model_fields``, which tell nothing of validators, unions and types that are no models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

__all__ = ["ScopeReads", "reads_of"]

Schema = Mapping[str, Any]
Defined = Mapping[str, Schema]

_INNER: Final[Mapping[str, str]] = {
    "nullable": "schema",
    "default": "schema",
    "function-after": "schema",
    "custom-error": "schema",
    "json-or-python": "json_schema",
    "lax-or-strict": "lax_schema",
}
"""What validates as its inner schema does, and where it has that."""
_SEES_ALL: Final = frozenset({"function-before", "function-wrap"})
"""Code of the user's own, which may read what it likes before the fields do."""
_NO_OBJECTS: Final = frozenset(
    {
        *("none", "bool", "int", "float", "decimal", "complex", "str", "bytes", "literal", "enum"),
        *("date", "time", "datetime", "timedelta", "url", "multi-host-url", "uuid"),
        *("list", "tuple", "set", "frozenset", "generator"),
        *("is-instance", "is-subclass", "callable", "never", "json"),
    }
)
"""What no JSON object can fill."""


@dataclass(frozen=True, slots=True)
class ScopeReads:
    """What a type reads of a scope.

    Attributes:
        fields: for each field the variables that can fill it, as they are tried in turn, and
            whether it has to be filled.
        everything: whether it may read variables that no field names.
        nullable: variables that may be null: an annotation says so, or code decides it.
    """

    fields: tuple[tuple[tuple[str, ...], bool], ...] = ()
    everything: bool = False
    nullable: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All variables that fields name, each once."""
        return tuple(dict.fromkeys(name for names, _ in self.fields for name in names))

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """Variables without which it does not validate; any name of a group will do."""
        return tuple(names for names, required in self.fields if required)


def reads_of(schema: Schema, defined: Defined | None = None) -> ScopeReads | None:
    """Reads a core schema of pydantic.

    Args:
        schema: of the whole scope.
        defined: schemas that others refer to, by name.

    Returns:
        What it reads; None where no JSON object can be valid.
    """
    kind, defined = schema["type"], defined or {}
    if kind in _INNER:
        return reads_of(schema[_INNER[kind]], defined)
    if kind in _SEES_ALL:
        return _all(reads_of(schema["schema"], defined) or ScopeReads())
    if kind in _READERS:
        return _READERS[kind](schema, defined)
    return None if kind in _NO_OBJECTS else ScopeReads(everything=True)


def _definitions(schema: Schema, _: Defined) -> ScopeReads | None:
    return reads_of(schema["schema"], {each["ref"]: each for each in schema["definitions"]})


def _reference(schema: Schema, defined: Defined) -> ScopeReads | None:
    name = schema["schema_ref"]
    # Once: a type that is nothing but itself has no end.
    others = {ref: each for ref, each in defined.items() if ref != name}
    return reads_of(defined[name], others) if name in defined else None


def _model(schema: Schema, defined: Defined) -> ScopeReads | None:
    inner = schema["schema"]
    if schema.get("root_model"):
        return reads_of(inner, defined)
    # Validators of the model stand around its fields.
    seen_by_code = bool(schema.get("custom_init"))
    while inner["type"] != "model-fields" and "schema" in inner:
        seen_by_code = seen_by_code or inner["type"] in _SEES_ALL
        inner = inner["schema"]
    if inner["type"] != "model-fields":
        return ScopeReads(everything=True)
    fields = [{"name": name, **field} for name, field in inner["fields"].items()]
    found = _fields(fields, {**schema, "extra_behavior": inner.get("extra_behavior")})
    return _all(found) if seen_by_code else found


def _fields(fields: Iterable[Schema], owner: Schema) -> ScopeReads:
    config = owner.get("config") or {}
    # The second name is that of pydantic before 2.11.
    by_name = config.get("validate_by_name") or config.get("populate_by_name")
    by_alias = config.get("validate_by_alias", True)
    extra = owner.get("extra_behavior") or config.get("extra_fields_behavior")
    read = [field for field in fields if field.get("init") is not False]
    names = [_names(field, by_name=by_name, by_alias=by_alias) for field in read]
    fitting = (each for each, field in zip(names, read, strict=True) if _fits_null(field["schema"]))
    return ScopeReads(
        tuple((each, _needs(field)) for each, field in zip(names, read, strict=True)),
        everything=extra == "allow",
        nullable=frozenset(chain.from_iterable(fitting)),
    )


def _names(field: Schema, *, by_name: bool | None, by_alias: bool) -> tuple[str, ...]:
    alias = field.get("validation_alias")
    aliases = _first_steps(alias) if alias is not None and by_alias else ()
    own = () if aliases and not by_name else (field["name"],)
    return tuple(dict.fromkeys((*aliases, *own)))


def _first_steps(alias: Any) -> tuple[str, ...]:
    """The variables of an alias: a name, a path, or several paths."""
    if isinstance(alias, str):
        return (alias,)
    paths = alias if isinstance(alias[0], list | tuple) else [alias]
    return tuple(str(path[0]) for path in paths)


def _needs(field: Schema) -> bool:
    # Dictionaries say it; elsewhere a field may be left out that has a default.
    required = field.get("required")
    return bool(field["schema"]["type"] != "default" if required is None else required)


def _fits_null(schema: Schema) -> bool:
    kind = schema["type"]
    if kind in _INNER and kind != "nullable":
        return _fits_null(schema[_INNER[kind]])
    # What a reference means is not looked up, and what code makes of null nobody knows.
    return (
        kind in {"nullable", "none", "definition-ref"}
        or kind.startswith("function-")
        or any(map(_fits_null, _choices(schema) if kind == "union" else ()))
    )


def _dataclass(schema: Schema, _: Defined) -> ScopeReads:
    inner = schema["schema"]
    if inner["type"] != "dataclass-args":
        return ScopeReads(everything=True)
    return _fields(inner["fields"], schema)


def _typed_dict(schema: Schema, _: Defined) -> ScopeReads:
    return _fields([{"name": name, **each} for name, each in schema["fields"].items()], schema)


def _union(schema: Schema, defined: Defined) -> ScopeReads | None:
    found = [read for each in _choices(schema) if (read := reads_of(each, defined)) is not None]
    if not found:
        return None
    groups = dict.fromkeys(names for each in found for names, _ in each.fields)
    either = ScopeReads(
        tuple((names, all(names in each.needed for each in found)) for names in groups),
        everything=any(each.everything for each in found),
        nullable=frozenset().union(*(each.nullable for each in found)),
    )
    return _all(either) if callable(schema.get("discriminator")) else either


def _choices(schema: Schema) -> Iterator[Schema]:
    choices = schema["choices"]
    for each in choices.values() if isinstance(choices, Mapping) else choices:
        # With a label for errors, a choice is a pair.
        yield each[0] if isinstance(each, tuple | list) else each


def _all(found: ScopeReads | None) -> ScopeReads | None:
    """What code reads before the fields do, which may fill them too: no field is needed."""
    if found is None:
        return None
    fields = tuple((names, False) for names, _ in found.fields)
    return ScopeReads(fields, everything=True, nullable=found.nullable)


_READERS: Final[Mapping[str, Callable[[Schema, Defined], ScopeReads | None]]] = {
    "definitions": _definitions,
    "definition-ref": _reference,
    "model": _model,
    "dataclass": _dataclass,
    "typed-dict": _typed_dict,
    "union": _union,
    "tagged-union": _union,
}
