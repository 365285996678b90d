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
