"""Python's text becomes a tree, whatever a service has left to the garbage collector."""

import ast
import gc

from workflow_devkit.syntax import tree_of


class Left:
    """In a circle, with a finalizer that calls deeper than a parser is."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        ast.parse("(" * 20 + "1" + ")" * 20)
        Left.ended += 1

    ended = 0


def test_finalizers_do_not_run_while_a_tree_is_made():
    text = "\n".join(f"x = [{'1, ' * 50}]" for _ in range(200))
    before = gc.get_threshold()
    for _ in range(50):
        Left()
    gc.set_threshold(1)
    try:
        ended = Left.ended
        # Not within it: a finalizer may run as soon as the tree is there.
        tree = tree_of(text)
    finally:
        gc.set_threshold(*before)
    assert len(tree.body) == 200
    assert gc.isenabled()
    gc.collect()
    assert Left.ended > ended
