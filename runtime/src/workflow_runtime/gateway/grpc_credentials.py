"""From settings to the credentials of a gRPC channel: certificates, and what each call carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from workflow_runtime.gateway.call_credentials import (
    BasicCredentials,
    CallCredentials,
    NoCredentials,
)

if TYPE_CHECKING:
    from workflow_runtime.config import WorkflowSettings

__all__ = ["Credentials", "credentials_for"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are and whom we trust.

    Attributes:
        call: makes what each call carries.
        ca: names the certificate (PEM) of the authority that is trusted; None trusts the system's.
        certificate: names the client's own certificate (PEM).
        key: names the private key (PEM) of that certificate.
    """

    call: CallCredentials
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def for_channel(self) -> grpc.ChannelCredentials:
        """Makes gRPC's credentials of a TLS channel, of the files as they are now.

        Returns:
            The authority that is trusted, and the client's certificate where there is one.

        Raises:
            OSError: a file cannot be read.
        """
        ca, key, certificate = map(_read, (self.ca, self.key, self.certificate))
        return grpc.ssl_channel_credentials(ca, key, certificate)

    def stamp(self) -> tuple[object, ...]:
        """Says by which files a channel is opened; another answer later: they were replaced."""
        return tuple(self._states())

    def _states(self) -> Iterator[object]:
        for path in filter(None, (self.ca, self.key, self.certificate)):
            try:
                found = path.stat()
            except OSError:
                yield None  # between the removal of an old one and a new one
            else:
                yield found.st_ino, found.st_mtime_ns, found.st_size


def credentials_for(settings: WorkflowSettings) -> Credentials:
    """Gives the credentials that the settings name; nothing is read or fetched yet.

    Args:
        settings: who we are, and the files of certificates.

    Returns:
        The credentials; those of OAuth are fetched with the first call, files read with it.
    """
    return Credentials(
        _call_credentials(settings),
        ca=settings.ca_file,
        certificate=settings.client_cert_file,
        key=settings.client_key_file,
    )


def _call_credentials(settings: WorkflowSettings) -> CallCredentials:
    if settings.client_id:
        # aiohttp: 0.2 s of CPU, which only OAuth needs.
        from workflow_runtime.gateway.oauth import (  # noqa: PLC0415
            TokenSource,
            credentials_of,
        )

        return credentials_of(
            TokenSource(
                url=settings.oauth_url,
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value(),
                audience=settings.oauth_audience,
                scope=settings.oauth_scope,
                proxy=settings.oauth_proxy,
                ca_file=settings.ca_file,
                timeout=settings.oauth_timeout,
                allow_plaintext=settings.allow_plaintext_credentials,
            )
        )
    if settings.user:
        return BasicCredentials(settings.user, settings.password.get_secret_value())
    return NoCredentials()


def _read(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None
