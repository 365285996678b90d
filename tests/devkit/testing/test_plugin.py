"""The plugin is loaded by every run of pytest: it costs nothing until a test asks for it."""

import subprocess
import sys

from workflow_devkit.testing import plugin


def loaded_by(module):
    """All of our modules that an interpreter has loaded after it has imported this one."""
    show = f"import sys, {module}; print(*(name for name in sys.modules if 'workflow_' in name))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_plugin_loads_nothing_but_the_packages_that_it_is_in():
    name = plugin.__name__
    packages = {name.rsplit(".", count)[0] for count in range(name.count(".") + 1)}
    assert loaded_by(name) == packages


def test_the_builder_loads_nothing_of_the_check():
    loaded = loaded_by("workflow_runtime.builder")
    assert "workflow_runtime.builder" in loaded
    assert [name for name in loaded if "check" in name.split(".")] == []
