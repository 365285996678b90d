"""What a database's refusal means, in words that hold no value of a row."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

__all__ = ["in_words", "is_of_database", "is_passing", "is_probed"]

_WORDS = {
    "SQLITE_BUSY": "the file is locked by somebody else",
    "SQLITE_LOCKED": "the table is locked by somebody else",
    "SQLITE_READONLY": "the file cannot be written",
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk fails",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is no database",
    "UndefinedTableError": "its table is missing",
    "UndefinedColumnError": "its table has other columns than this version's",
    "InvalidColumnReferenceError": "its table lacks an index",
    "RaiseError": "a trigger refuses it",
    "LockNotAvailableError": "its table is locked by somebody else",
    "QueryCanceledError": "a statement takes too long",
    "DiskFullError": "the disk is full",
    "ReadOnlySQLTransactionError": "it cannot be written",
    "InsufficientPrivilegeError": "its user may not do this",
    "InvalidPasswordError": "user or password is refused",
    "InvalidAuthorizationSpecificationError": "user or password is refused",
    "InvalidCatalogNameError": "there is no such database",
    "TooManyConnectionsError": "it takes no more connections",
    "ObjectNotInPrerequisiteStateError": "it takes no connections",
    "CannotConnectNowError": "it is about to start or to stop",
    "AdminShutdownError": "it is about to stop",
    "ConnectionDoesNotExistError": "the connection is broken",
    "ConnectionRefusedError": "nobody listens at its address",
    "ConnectionResetError": "the connection is broken",
    "gaierror": "its name has no address",
    "TimeoutError": "no answer in time",
}
"""By the driver's own name; SQLite's names may go on after these."""
_PASSING = frozenset({"SerializationError", "DeadlockDetectedError"})
"""What a transaction is to be repeated after, as its author knows who chose its isolation."""
_PROBED = (
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_NOTADB"),
    *("UndefinedTableError", "LockNotAvailableError", "InsufficientPrivilegeError"),
    *("ReadOnlySQLTransactionError", "ConnectionDoesNotExistError", "AdminShutdownError"),
)
"""What a change that changes nothing meets as well; not a full disk, nor a rule of the table."""
_NO_TABLE = "no such table"
"""SQLite has no code of its own for it."""


def in_words(error: BaseException) -> str:
    """Says what is wrong, and the driver's name for it; never its text, which may show a value.

    Args:
        error: what SQLAlchemy or a driver has raised.
    """
    if isinstance(error, PoolTimeoutError):
        return "all connections of the pool are in use"
    own = _of_driver(error)
    name = _name(own)
    if str(own).startswith(_NO_TABLE):
        return f"its table is missing ({name})"
    found = (words for known, words in _WORDS.items() if name.startswith(known))
    words = next(found, "") or ("it cannot be reached" if isinstance(own, OSError) else "")
    return f"{words} ({name})" if words else name


def _name(own: BaseException) -> str:
    return getattr(own, "sqlite_errorname", None) or type(own).__name__


def _of_driver(error: BaseException) -> BaseException:
    """The driver's own exception, within what SQLAlchemy has made of it."""
    own = getattr(error, "orig", None) or error
    # SQLAlchemy's adapter of asyncpg raises its own kinds, from what asyncpg has raised.
    return own.__cause__ or own if type(own).__module__.startswith("sqlalchemy") else own


def is_probed(error: BaseException) -> bool:
    """Judges whether a probe that succeeds afterwards shows that it is over.

    Args:
        error: what SQLAlchemy or a driver has raised.
    """
    own = _of_driver(error)
    if isinstance(own, OSError | PoolTimeoutError) or str(own).startswith(_NO_TABLE):
        return True
    return _name(own).startswith(_PROBED)


def is_passing(error: Exception) -> bool:
    """Judges whether only two transactions were in each other's way, and one has to come again.

    Args:
        error: what SQLAlchemy or a driver has raised.
    """
    return type(_of_driver(error)).__name__ in _PASSING


def is_of_database(error: Exception, table: Table) -> bool:
    """Judges what has failed a transaction: the database, or what somebody has asked of it.

    Args:
        error: what was raised within it.
        table: the outbox's; whatever fails there is nobody's mistake.
    """
    if isinstance(error, IntegrityError | DataError):
        return table.name in (error.statement or "")
    return isinstance(error, DBAPIError | PoolTimeoutError | OSError)
