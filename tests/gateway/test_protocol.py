"""Pyzeebe's messages are loaded without the rest of it, and stay the same classes with it."""

import subprocess
import sys

import pytest
from tests.support.zeebe_stubs import GatewayStub, pb

from workflow_runtime.gateway import protocol

ORDERS = {
    "ours first": (
        "from workflow_runtime.gateway import protocol\n"
        "assert not {'pyzeebe', 'requests', 'oauthlib'} & set(sys.modules)\n"
        "import pyzeebe\n"
    ),
    "pyzeebe first": ("import pyzeebe\nfrom workflow_runtime.gateway import protocol\n"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_a_program_may_use_pyzeebe_too(order):
    same = (
        f"from {pb.__name__} import Resource\n"
        "assert protocol.messages.Resource is Resource\n"
        "assert pyzeebe.ZeebeWorker\n"
    )
    command = [sys.executable, "-c", f"import sys\n{ORDERS[order]}{same}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_versions_that_were_forced_end_in_a_sentence(tmp_path):
    generated = tmp_path / "pyzeebe" / "proto" / "gateway_pb2.py"
    generated.parent.mkdir(parents=True)
    (tmp_path / "pyzeebe" / "__init__.py").touch()
    # What code generated for protobuf 5 runs into beside protobuf 4.
    generated.write_text("from google.protobuf import of_another_version\n")
    path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})"
    code = f"{path}\nimport workflow_runtime.gateway.protocol"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Zeebe's messages cannot be loaded")
    assert "`pip check` names what does not" in last


class Channel:
    """Notes what calls are made of it."""

    def __init__(self):
        self.made = {}

    def unary_unary(self, path, **options):
        self.made[path] = ("unary", options)

    def unary_stream(self, path, **options):
        self.made[path] = ("stream", options)


def test_the_calls_are_those_of_the_generated_stub():
    ours, generated = Channel(), Channel()
    protocol.stub(ours)
    GatewayStub(generated)
    assert len(ours.made) > 15
    assert ours.made == generated.made


def test_each_call_has_its_name(monkeypatch):
    monkeypatch.setattr(Channel, "unary_unary", lambda _self, path, **_: path)
    monkeypatch.setattr(Channel, "unary_stream", lambda _self, path, **_: path)
    calls = vars(protocol.stub(Channel()))
    names = [method.name for method in pb.DESCRIPTOR.services_by_name["Gateway"].methods]
    assert calls == {name: f"/gateway_protocol.Gateway/{name}" for name in names}
