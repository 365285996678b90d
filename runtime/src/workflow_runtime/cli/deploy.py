"""``workflow deploy``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from workflow_runtime.cli.connection import with_gateway
from workflow_runtime.cli.files import expand
from workflow_runtime.cli.options import Address, AsJson, Files
from workflow_runtime.cli.output import emit
from workflow_runtime.diagrams import DEPLOYABLE
from workflow_runtime.gateway.values import Resource

if TYPE_CHECKING:
    from workflow_runtime.gateway.port import Gateway
    from workflow_runtime.gateway.values import DeployedProcess


def deploy(files: Files, address: Address = None, as_json: AsJson = False) -> None:
    """Deploy diagrams, decisions and forms: all of them, or none when one is refused.

    Exit codes: 0 all deployed, 1 none deployed, 2 usage error, 3 no answer, 4 credentials refused.
    """
    resources = [Resource(path.name, path.read_bytes()) for path in expand(files, *DEPLOYABLE)]

    async def send(gateway: Gateway) -> Sequence[DeployedProcess]:
        return await gateway.deploy(resources)

    deployed = with_gateway(address, send)
    others = [each.name for each in resources if not each.is_diagram]
    data = [asdict(process) for process in deployed]
    data += [{"resource_name": name} for name in others]
    emit(as_json, data, [*map(_line, deployed), *others])


def _line(process: DeployedProcess) -> str:
    return f"{process.process_id} version {process.version} ({process.resource_name})"
