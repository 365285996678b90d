"""The pages of the documentation, and the code in them."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, *languages: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [code for language, code in FENCE.findall(text) if language in languages]


async def run_block(code: str, where: str, names: dict[str, Any]) -> None:
    """Executes a block, `await` at its top included; its names are in ``names`` then."""
    compiled = compile(code, where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)  # our own pages
    if inspect.isawaitable(result):
        await result
