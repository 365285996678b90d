"""Loaded into pyzeebe's own tests: the container of a broker that they start is the engine.

``ENGINE_PORT`` is its port on loopback.
"""

import os
import sys
from types import ModuleType


class Engine:
    """Takes what is said about a container, and says where the engine is."""

    def __init__(self, image):
        self.image = image

    def with_envs(self, **variables):
        return self

    def with_exposed_ports(self, port):
        return self

    def waiting_for(self, strategy):
        return self

    def with_startup_timeout(self, seconds):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def get_container_host_ip(self):
        return "127.0.0.1"

    def get_exposed_port(self, port):
        return os.environ["ENGINE_PORT"]


_NAMES = ("testcontainers", "testcontainers.core")
_CONTAINER = ModuleType("testcontainers.core.container")
_CONTAINER.DockerContainer = Engine
_STRATEGIES = ModuleType("testcontainers.core.wait_strategies")
_STRATEGIES.LogMessageWaitStrategy = Engine
sys.modules |= {name: ModuleType(name) for name in _NAMES}
sys.modules |= {module.__name__: module for module in (_CONTAINER, _STRATEGIES)}


def pytest_itemcollected(item):
    """Leaves the deployment of a decision to the tests of decisions: the engine refuses it."""
    if "decision" not in item.name and "deploy_dmn" in item.fixturenames:
        item.fixturenames.remove("deploy_dmn")
