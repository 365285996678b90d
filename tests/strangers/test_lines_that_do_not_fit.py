"""TLS against plain text, the wrong port, a proxy that refuses: `doctor` says what it is."""

from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from tests.gateway.certificates import Authority
from typer.testing import CliRunner

from workflow_runtime.cli._app import app

PROXIES = ("grpc_proxy", "https_proxy", "http_proxy", "no_grpc_proxy", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in PROXIES:
        monkeypatch.setenv(name, "")


def doctor(address, **environment):
    result = CliRunner().invoke(app, ["doctor", "--address", address], env=environment)
    assert result.exit_code == 3, result.output
    return result.output.partition("BAD  broker")[2]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def server():
    made = grpc.server(ThreadPoolExecutor(1))
    yield made
    made.stop(None)


@pytest.fixture
def plain(server):
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return port


@pytest.fixture
def encrypted(server, authority):
    certificate, key = authority.issue("gateway")
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
    # No name in the certificate.
    port = server.add_secure_port("127.0.0.2:0", credentials)
    server.start()
    return port


@pytest.fixture
def http():
    class Refuses(BaseHTTPRequestHandler):
        def do_CONNECT(self):
            self.send_error(407)

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    Thread(target=made.serve_forever, daemon=True).start()
    yield made.server_port
    made.shutdown()
    made.server_close()


def test_plain_text_to_a_port_that_speaks_tls(encrypted):
    assert "does the port speak TLS? then take https://" in doctor(f"http://127.0.0.2:{encrypted}")


def test_tls_to_a_port_that_speaks_plain_text(plain):
    assert "the port speaks plain text: take http://" in doctor(f"https://127.0.0.1:{plain}")


def test_a_certificate_of_an_authority_that_nobody_knows(encrypted):
    assert "WORKFLOW_CA_FILE" in doctor(f"https://127.0.0.2:{encrypted}")


def test_a_certificate_for_another_host(encrypted, authority):
    said = doctor(f"https://127.0.0.2:{encrypted}", WORKFLOW_CA_FILE=str(authority.ca))
    assert "the certificate is for another host" in said


def test_a_port_of_http(http):
    assert "the port speaks HTTP, not gRPC" in doctor(f"http://127.0.0.1:{http}")


def test_a_proxy_that_refuses(http):
    said = doctor("http://zeebe.invalid:26500", http_proxy=f"http://127.0.0.1:{http}")
    assert "the proxy refuses: it needs its user and password in" in said
