"""``python -m tools.pictures docs|compare``: remake the pictures of the documentation.

``docs`` draws the SVG pictures, with nothing but this package. ``compare`` draws ten real models
with bpmn-js and with our renderer and photographs them together; it needs Node, npm, Chromium and
the models: FOREIGN_CASES names the folder that has them in ``bpmn/``.
"""

from __future__ import annotations

import sys

from tools.pictures import documented
from tools.pictures.compare import Missing, compare


def main(arguments: list[str]) -> int:
    """Makes pictures; says which changed."""
    if arguments == ["docs"]:
        for path in documented.write():
            print(f"changed: {path}")
        return 0
    if arguments == ["compare"]:
        try:
            for path in compare():
                print(f"written: {path}")
        except Missing as reason:
            print(f"pictures: {reason}", file=sys.stderr)
            return 1
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
