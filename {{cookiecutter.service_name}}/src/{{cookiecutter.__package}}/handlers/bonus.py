"""A handler that needs nothing but its scope: a plain function."""

from workflow_runtime import WorkflowIncident

from {{ cookiecutter.__package }}.scopes import BonusGranted, PlanChosen

BONUS = {"premium": 100}


def grant_bonus(scope: PlanChosen) -> BonusGranted:
    """Grants the bonus of the plan.

    Raises:
        WorkflowIncident: the plan has no bonus; the diagram should not have come here.
    """
    if scope.plan not in BONUS:
        raise WorkflowIncident(f"plan {scope.plan!r} has no bonus: check the gateway 'isPremium'")
    return BonusGranted(bonus=BONUS[scope.plan])
