"""Deploy rules: what the broker refuses, element by element, and its words for it.

The rules find values (`Refusal`); the engine shows them in the broker's words, lint in its own.
See semantics#deployment-refused.
"""

from __future__ import annotations

from workflow_devkit.engine.deploy_rules.check import refused_elements
from workflow_devkit.engine.deploy_rules.events import ALLOWED as ALLOWED_EVENTS
from workflow_devkit.engine.deploy_rules.expressions import PATH as NAME_PATH
from workflow_devkit.engine.deploy_rules.expressions import fault
from workflow_devkit.engine.deploy_rules.loops import straight_loops
from workflow_devkit.engine.deploy_rules.refusal import Place, Refusal, RefusedElement
from workflow_devkit.engine.deploy_rules.sentences import SENTENCES, of_elements, of_loops

__all__ = [
    "ALLOWED_EVENTS",
    "NAME_PATH",
    "SENTENCES",
    "Place",
    "Refusal",
    "RefusedElement",
    "fault",
    "of_elements",
    "of_loops",
    "refused_elements",
    "straight_loops",
]
