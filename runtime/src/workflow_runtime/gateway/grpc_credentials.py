"""From settings to the credentials of a gRPC channel: certificates, and what each call carries."""

from __future__ import annotations

from dataclasses import dataclass, field
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
        ca: the certificate (PEM) of the authority that is trusted; None trusts the system's.
        certificate: the client's own certificate (PEM).
        key: the private key (PEM) of that certificate.
    """

    call: CallCredentials
    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)

    def for_channel(self) -> grpc.ChannelCredentials:
        """Makes gRPC's credentials of a TLS channel.

        Returns:
            The authority that is trusted, and the client's certificate where there is one.
        """
        return grpc.ssl_channel_credentials(self.ca, self.key, self.certificate)


def credentials_for(settings: WorkflowSettings) -> Credentials:
    """Reads the credentials that the settings name.

    Args:
        settings: who we are, and the files of certificates.

    Returns:
        The credentials; those of OAuth are fetched with the first call.

    Raises:
        OSError: a file cannot be read.
    """
    return Credentials(
        _call_credentials(settings),
        ca=_read(settings.ca_file),
        certificate=_read(settings.client_cert_file),
        key=_read(settings.client_key_file),
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
