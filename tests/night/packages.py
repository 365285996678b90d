"""Programs and libraries from Debian's packages, unpacked into .cache, not installed."""

import os
import subprocess
import tempfile
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "debian"


def unpacked(package: str) -> Path:
    """The folder of a package's files; downloaded once."""
    folder = CACHE / package
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as download:
            # apt downloads as a user of its own.
            os.chmod(download, 0o755)  # noqa: PTH101 - a text
            subprocess.run(["apt-get", "download", "-qq", package], cwd=download, check=True)
            files = Path(download) / "files"
            found = next(Path(download).glob("*.deb"))
            subprocess.run(["dpkg-deb", "--extract", found, files], check=True)
            files.rename(folder)
    return folder
