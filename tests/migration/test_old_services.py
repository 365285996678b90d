"""Services written with pyzeebe do the same after the move as before it.

Each folder of ``services`` has one as it was (``before.py``) and as it is now (``after.py``): see
README.md for which habit is in which. Both run as processes, each against a ``workflow dev`` of
its own, by gRPC. What is otherwise on purpose stands in the story, with its reason.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from tests.migration.facts import differences
from tests.migration.sides import SERVICES, Side
from tests.migration.stories import STORIES

SIDES = ("before", "after")


@contextmanager
def _both(story, engines, tmp_path):
    """Both sides of a service, started together."""
    sides = {}
    try:
        for name in SIDES:
            sides[name] = Side(engines[name], story, name, tmp_path / f"{name}.log")
        yield sides
    except BaseException as error:
        for name, side in sides.items():
            error.add_note(f"{name}.py said:\n{side.said}")
        raise
    finally:
        codes = {name: side.stop() for name, side in sides.items()}
    assert codes["after"] == story.ends, f"after.py ended otherwise: {sides['after'].said}"


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.service)
def test_a_service_does_after_the_move_what_it_did_before(story, engines, tmp_path):
    with _both(story, engines, tmp_path) as sides, ThreadPoolExecutor(2 * len(story.runs)) as pool:
        played = [pool.map(sides[name].play, story.runs) for name in SIDES]
        runs = list(zip(story.runs, *played, strict=True))
        found = {run.of: differences(old, new) for run, old, new in runs}
        assert found == {run.of: run.differs for run in story.runs}
        assert {run.of: run.end for run, old, _ in runs if run.end not in old} == {}
        assert [name for name in SIDES if story.says not in sides[name].said] == []


def test_every_service_has_a_story_and_every_difference_a_reason():
    folders = {folder.name for folder in SERVICES.iterdir() if folder.is_dir()}
    assert {story.service for story in STORIES} == folders - {"__pycache__"}
    for run in (run for story in STORIES for run in story.runs):
        assert bool(run.differs) == bool(run.why), run.of
