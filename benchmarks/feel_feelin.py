"""feelin (npm) inside V8 (mini-racer): the peer of the FEEL benchmark."""

import json
import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "feelin"
VERSION = "8.2.0"
ENTRY = """
import {evaluate} from "feelin";
globalThis.once = (expression, variables) => evaluate(expression, variables).value;
globalThis.loop = (expression, variables, times) => {
  let value;
  for (let i = 0; i < times; i++) value = evaluate(expression, variables).value;
  return value;
};
"""


def bundle():
    """Fetch feelin and make one script of it; kept in the cache folder."""
    script = CACHE / "bundle.js"
    if script.exists():
        return script.read_text(encoding="utf-8")
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "package.json").write_text('{"private": true}', encoding="utf-8")
    (CACHE / "entry.js").write_text(ENTRY, encoding="utf-8")
    run("npm", "install", "--silent", f"feelin@{VERSION}", "esbuild")
    run("npx", "esbuild", "entry.js", "--bundle", "--format=iife", "--outfile=bundle.js")
    return script.read_text(encoding="utf-8")


def run(*command):
    subprocess.run(command, cwd=CACHE, check=True, capture_output=True, timeout=300)


def load():
    """Give two ways to run feelin, or the reason why it cannot be measured."""
    if shutil.which("npm") is None and not (CACHE / "bundle.js").exists():
        return None, "feelin skipped: npm is not installed"
    try:
        from py_mini_racer import MiniRacer  # noqa: PLC0415  an optional peer
    except ImportError:
        return None, "feelin skipped: pip install mini-racer"
    engine = MiniRacer()
    try:
        engine.eval(bundle())
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"feelin skipped: npm could not fetch it ({error})"
    return engine, None


def call(engine, expression, variables, times):
    """One call from Python for each evaluation."""
    for _ in range(times):
        value = engine.call("once", expression, variables)
    return value


def loop(engine, expression, variables, times):
    """All evaluations inside one call: the engine at its best."""
    arguments = ", ".join(json.dumps(part) for part in (expression, variables, times))
    return engine.eval(f"loop({arguments})")
