"""The diagrams of the engine benchmark."""

from tests.support.diagrams import one_task, resource

ORDER = resource(
    """
    start start
    service check job=check
    and fork
    service pay job=pay
    service pack job=pack
    and join
    xor large
    end insured
    end plain
    start -> check -> fork
    fork -> pay -> join
    fork -> pack -> join
    join -> large
    large -> insured if =amount > 100
    large -> plain default
    """,
    "order",
)
"""Three service tasks, a fork and its join, and a condition."""

WAITING = one_task("waiting", "work", "work")
"""One job to wait for."""

REMINDER = resource(
    """
    start start
    catch month timer.duration=P30D
    end end
    start -> month -> end
    """,
    "reminder",
)
"""A timer of thirty days."""
