"""The signs at the lower border of activities, on a grid of 14 x 14."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workflow_devkit.render.strokes import Fill, Icon, Stroke

__all__ = ["MARKERS"]

MARKERS: Final[Mapping[str, Icon]] = {
    "loop": (Stroke("M4.5 12.5a5.6 5.6 0 1 1 4 .3M4.7 8.6v4.2h-4", 1.5, Fill.NONE),),
    "parallel": (Stroke("M4 2v10M7 2v10M10 2v10", 2, Fill.NONE),),
    "sequential": (Stroke("M2 4h10M2 7h10M2 10h10", 2, Fill.NONE),),
    "compensation": (Stroke("M0 7l6.8-5v10zM7.2 7l6.8-5v10z"),),
    "adhoc": (Stroke("M1 9c1.5-4 4-4 6-2s4.5 2 6-2", 2.5, Fill.NONE),),
    "collapsed": (Stroke("M0 0h14v14h-14z"), Stroke("M7 2.5v9M2.5 7h9", 1.5, Fill.NONE)),
}
