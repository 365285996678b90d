"""Programs and libraries from Debian's packages, unpacked into .cache, not installed."""

import subprocess
from pathlib import Path

_TOOL = Path(__file__).resolve().parents[2] / "tools" / "unpacked.sh"


def unpacked(package: str) -> Path:
    """The folder of a package's files; downloaded once."""
    return Path(subprocess.check_output([_TOOL, package], text=True).strip())
