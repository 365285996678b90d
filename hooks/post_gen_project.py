"""Removes what was not chosen, brings runtime and devkit along; no network, safe to run again."""

import json
import shutil
from pathlib import Path

ANSWERS = json.loads(
    r"""
{{ cookiecutter | tojson }}
"""
)
TEMPLATE = Path(
    json.loads(
        r"""
{{ template_root | tojson }}
"""
    )
)
VENDORED = {"runtime": "{{ runtime }}", "devkit": "{{ devkit }}"}
PACKAGE = Path("src", ANSWERS["__package"])
UNWANTED = {
    Path(".github"): ANSWERS["ci"] not in {"github", "both"},
    Path(".gitlab-ci.yml"): ANSWERS["ci"] not in {"gitlab", "both"},
    PACKAGE / "api.py": ANSWERS["http_api"] == "none",
    PACKAGE / "problems.py": ANSWERS["http_api"] == "none",
    PACKAGE / "server.py": ANSWERS["http_api"] == "none",
    Path("tests", "test_api.py"): ANSWERS["http_api"] == "none",
}
BUILD_LEFTOVERS = shutil.ignore_patterns(
    "__pycache__", "*.py[cod]", ".*", "build", "dist", "tests", "*.egg-info"
)


def remove(path: Path) -> None:
    """Removes a file or a folder that the answers did not ask for."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def vendor(folder: str, distribution: str) -> None:
    """Copies a package of the template's own checkout into the service."""
    target = Path("vendor", distribution)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(TEMPLATE / folder, target, ignore=BUILD_LEFTOVERS)


for path, unwanted in UNWANTED.items():
    if unwanted:
        remove(path)
if ANSWERS["runtime_source"] == "vendored":
    for folder, distribution in VENDORED.items():
        vendor(folder, distribution)
