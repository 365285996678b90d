"""What the process knows: identifiers and flags, never data that can go stale.

Each handler declares the variables it reads; only those are fetched. A scope that does not
validate becomes an incident that names every wrong variable.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

UserId = Annotated[str, StringConstraints(min_length=1)]
Plan = Literal["standard", "premium"]


class Scope(BaseModel):
    """Base of all scopes: snake_case in Python, camelCase in the process."""

    model_config = ConfigDict(
        alias_generator=to_camel, frozen=True, serialize_by_alias=True, validate_by_name=True
    )


class User(Scope):
    """Whom the process is about; every handler here needs it."""

    user_id: UserId


class Registration(User):
    """With what a registration starts."""

    plan: Plan = "standard"
    confirmation_timeout: str = "P1D"
    """How long to wait for the confirmation: an ISO 8601 duration, read by the timer."""


class AccountCreated(Scope):
    """Result of creating an account."""

    account_id: str


class PlanChosen(User):
    """What granting a bonus reads."""

    plan: Plan


class BonusGranted(Scope):
    """Result of granting a bonus."""

    bonus: int
