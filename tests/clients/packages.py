"""Clients that others have written: which ones, and how they come into ``.cache/clients``.

Each is fetched or built once, whole or not at all; two test processes that start at once wait for
each other. Everything comes through the ordinary client of its package registry.
"""

import json
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from tests.support import making
from tests.support.making import run

HERE = Path(__file__).parent
CACHE = making.CACHE / "clients"


class Package(NamedTuple):
    """A package of another project that the tests use as it is."""

    version: str
    licence: str
    registry: str


PACKAGES = {
    "zbctl": Package("8.5.0", "Apache-2.0", "Go modules"),
    "zeebe-client-java": Package("8.5.25", "Apache-2.0", "Maven Central"),
    "camunda-client-java": Package("8.9.0", "Apache-2.0", "Maven Central"),
    "@camunda8/sdk": Package("8.8.13", "Apache-2.0", "npm"),
    "pyzeebe": Package("4.7.0", "MIT", "PyPI"),
    "zeebe-rs": Package("0.4.1", "MIT", "crates"),
    "protoc": Package("3.25.8", "BSD-3-Clause", "Maven Central"),
}
GO_MODULE = "github.com/camunda/zeebe/clients/go/v8"


def tool(name, *more):
    """The path of a program; without it the test is skipped, and fails in CI.

    Args:
        name: the program.
        more: other programs that have to be there too.
    """
    remedy = "tests/clients needs Java, Maven, Node, Go and cargo"
    making.require_programs(name, *more, remedy=remedy)
    return shutil.which(name)


def folder_name(name):
    """``<name>-<version>``, as a folder may be called."""
    return f"{name.replace('@', '').replace('/', '-')}-{PACKAGES[name].version}"


def made(name, make, suffix=""):
    """The package's folder, filled by ``make(folder)`` if it is not there yet.

    Args:
        name: a key of `PACKAGES`.
        make: fills an empty folder.
        suffix: tells folders of one package apart.
    """
    return making.made(CACHE / f"{folder_name(name)}{suffix}", make)


def zbctl():
    """The command line of Zeebe, built from its Go module."""
    go = tool("go")
    # Its own suite expects a binary that says so.
    commands = f"{GO_MODULE}/cmd/zbctl/internal/commands"
    flags = f"-X {commands}.Version=release-test -X {commands}.Commit=1234567890"
    module = f"{GO_MODULE}/cmd/zbctl@v{PACKAGES['zbctl'].version}"

    def make(folder):
        run(go, "install", "-ldflags", flags, module, env=os.environ | {"GOBIN": str(folder)})

    return made("zbctl", make) / "zbctl"


def go_suites():
    """The Go client's module with its integration tests, built to be run without Docker."""
    go = tool("go")
    module = f"{GO_MODULE}@v{PACKAGES['zbctl'].version}"
    program = zbctl()

    def make(folder):
        source = json.loads(run(go, "mod", "download", "-json", module, cwd=folder))["Dir"]
        # The module cache is read-only, and so would its copy be.
        shutil.copytree(source, folder / "module", copy_function=shutil.copyfile)
        for path in (folder / "module").rglob("*/"):
            path.chmod(0o755)
        build_go_suites(go, folder / "module")
        dist = folder / "module" / "cmd" / "zbctl" / "dist"
        dist.mkdir()
        shutil.copy(program, dist / ("zbctl.darwin" if sys.platform == "darwin" else "zbctl"))
        # Its tests build zbctl anew, for every system, by this script.
        (dist.parent / "build.sh").write_text("#!/bin/sh\n", encoding="utf-8")
        (dist.parent / "build.sh").chmod(0o755)

    return made("zbctl", make, suffix="-suites") / "module"


def build_go_suites(go, module):
    """Builds the test binaries, with a stand-in for the container that they start."""
    replaced = {
        "internal/containersuite/containerSuite.go": HERE / "go" / "container_suite.go",
        "test/oauth_integration_test.go": "",  # needs containers of an identity provider
    }
    overlay = module / "overlay.json"
    paths = {str(module / path): str(by) for path, by in replaced.items()}
    overlay.write_text(json.dumps({"Replace": paths}), encoding="utf-8")
    for package in ("test", "cmd/zbctl"):
        options = ("-c", "-mod=mod", "-overlay", overlay, "-o", module / package / "suite.test")
        run(go, "test", *options, f"./{package}", cwd=module)


def java_client(name):
    """A folder of jars: the client and what it depends on."""
    maven = tool("mvn", "java", "javac")

    def make(folder):
        shutil.copy(HERE / "java" / "pom.xml", folder)
        run(
            *(maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"),
            *(f"-Dclient={name}", f"-Dclient.version={PACKAGES[name].version}"),
            cwd=folder,
        )

    return made(name, make) / "lib"


def node_modules():
    """A folder of npm packages, in the versions of the lock file."""
    npm = tool("npm", "node")

    def make(folder):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, folder)
        run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)

    return made("@camunda8/sdk", make) / "node_modules"


def protoc():
    """The compiler of protocol buffers, which the build of zeebe-rs calls."""
    maven = tool("mvn")
    system = {"Linux": "linux", "Darwin": "osx"}[platform.system()]
    machine = {"x86_64": "x86_64", "aarch64": "aarch_64", "arm64": "aarch_64"}[platform.machine()]
    artifact = f"com.google.protobuf:protoc:{PACKAGES['protoc'].version}:exe:{system}-{machine}"

    def make(folder):
        # A newer plugin than Maven's own: the older one needs a project to copy for.
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
        options = (f"-Dartifact={artifact}", "-DoutputDirectory=.", "-Dmdep.stripVersion=true")
        run(maven, "-q", "-B", f"{plugin}:copy", *options, cwd=folder)
        (program,) = folder.glob("protoc-*.exe")
        program.rename(folder / "protoc").chmod(0o755)

    return made("protoc", make) / "protoc"


def rust_program():
    """The program of ``rust/``, built with zeebe-rs; cargo itself knows what is up to date."""
    cargo = tool("cargo")
    target = CACHE / folder_name("zeebe-rs")
    env = os.environ | {"PROTOC": str(protoc()), "CARGO_TARGET_DIR": str(target)}
    with making.locked(target):
        run(cargo, "build", "--quiet", cwd=HERE / "rust", env=env)
    return target / "debug" / "script"


def pyzeebe_source():
    """The source distribution of pyzeebe, unpacked: it has the tests."""

    def make(folder):
        wanted = f"pyzeebe=={PACKAGES['pyzeebe'].version}"
        only = ("--no-deps", "--no-binary", "pyzeebe")
        run(sys.executable, "-m", "pip", "download", "-q", *only, "--dest", folder, wanted)
        (archive,) = folder.glob("pyzeebe-*.tar.gz")
        shutil.unpack_archive(archive, folder, filter="data")

    return made("pyzeebe", make) / f"pyzeebe-{PACKAGES['pyzeebe'].version}"
