"""Which random questions the oracles are asked, and how many."""

from __future__ import annotations

import os
from typing import Final

SEED: Final = int(os.environ.get("CONFORMANCE_SEED", "737153"))
"""Fixed, so that a change is judged and not the dice; others are for longer hunts."""
EXAMPLES: Final = int(os.environ.get("CONFORMANCE_EXAMPLES", "22000"))
"""Expressions in all; of everything else a share of it."""
