"""What the engine refuses at deploy, element by element, in the broker's words.

See semantics#deployment-refused.
"""

from __future__ import annotations

from workflow_devkit.engine.deploy_rules.loops import straight_loops
from workflow_devkit.engine.deploy_rules.report import problems

__all__ = ["problems", "straight_loops"]
