"""Photographs our pictures beside those of bpmn-js, drawn in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tools.pictures.documented import FOLDER, ROOT
from workflow_devkit.render import render_svg
from workflow_runtime.bpmn.parser import parse_file

COMPARED: Final = {
    "recruitment": "miwg/bpmn.io-Camunda-Modeler-18.6.1__C.7.0-export.bpmn",
    "onboarding": "miwg/Trisotech-Workflow-Modeler-12.6.3__C.9.0-export.bpmn",
    "vacation": "miwg/BPMN-Modeler-for-Confluence-Enterprise-3.38.0__C.8.1-export.bpmn",
    "travel": "miwg/Reference__C.6.0.bpmn",
    "bank": "miwg/SAP-Signavio-Process-Manager-19.9.0__C.5.0-export.1.bpmn",
    "customer": "miwg/bpmn.io-Camunda-Modeler-18.6.1__C.9.2-roundtrip.bpmn",
    "invoice": "miwg/MID-bpanda-2019.05.0.8393__C.1.0-export.bpmn",
    "elements": "miwg/BIC-Cloud-Design-6.2.0__A.4.1-roundtrip.bpmn",
    "error": "zeebe-executable/bpmn-tck__error-boundary-event.bpmn",
    "person": "zeebe-executable/quarkus-zeebe__person-process.bpmn",
}
"""Real models by the names of their pictures: five vendors' tools, and two that Zeebe runs."""
_HERE: Final = Path(__file__).resolve().parent
_CACHE: Final = ROOT / ".cache" / "pictures"
_WIDTH: Final = 1000


class Missing(Exception):
    """What cannot be had here."""


def compare() -> list[Path]:
    """Draws every model twice and photographs both pictures.

    Raises:
        Missing: Node, npm, Chromium or the models are not to be had; the message says which.
    """
    order = {"modules": str(_modules()), "browser": _browser()}
    with tempfile.TemporaryDirectory() as folder:
        models = _models()
        jobs = [_job(name, models / model, Path(folder)) for name, model in COMPARED.items()]
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["node", str(_HERE / "side_by_side.mjs")],
            input=json.dumps({**order, "jobs": jobs}),
            text=True,
            check=True,
        )
    return [Path(job["png"]) for job in jobs]


def _job(name: str, model: Path, folder: Path) -> dict[str, str | int]:
    if not model.is_file():
        raise Missing(f"no model {model}: FOREIGN_CASES names another folder")
    svg = folder / f"{name}.svg"
    svg.write_text(render_svg(parse_file(model)), encoding="utf-8")
    png = FOLDER / f"compared-{name}.png"
    return {"xml": str(model), "svg": str(svg), "png": str(png), "width": _WIDTH}


def _models() -> Path:
    folder = os.environ.get("FOREIGN_CASES")
    if folder is None:
        raise Missing("no models: set FOREIGN_CASES to the folder that has them in bpmn/")
    return Path(folder).resolve() / "bpmn"


def _browser() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise Missing("no Chromium: apt install chromium")
    return found


def _modules() -> Path:
    if shutil.which("npm") is None:
        raise Missing("no npm: apt install nodejs npm")
    wanted = (_HERE / "package.json").read_text(encoding="utf-8")
    kept = _CACHE / "package.json"
    modules = _CACHE / "node_modules"
    if not modules.is_dir() or kept.read_text(encoding="utf-8") != wanted:
        _CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_text(wanted, encoding="utf-8")
        subprocess.run(["npm", "install", "--silent", "--prefix", str(_CACHE)], check=True)
    return modules
