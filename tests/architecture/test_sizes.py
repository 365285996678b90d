"""A file is one idea: it has at most 400 lines."""

from itertools import chain

from tests.architecture.rooms import ROOT

FOLDERS = ("benchmarks", "devkit", "runtime", "tests", "tools")
MOST = 400


def test_no_file_has_more_than_400_lines():
    files = list(chain.from_iterable((ROOT / folder).rglob("*.py") for folder in FOLDERS))
    sizes = {f.relative_to(ROOT).as_posix(): f.read_bytes().count(b"\n") for f in files}
    assert sizes
    assert {f: size for f, size in sizes.items() if size > MOST} == {}, "move an idea out of it"
