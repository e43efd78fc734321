"""The files that a link to the broker is secured with, and the context made of them."""

import ssl
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class TlsFiles(BaseModel):
    """Where this node's certificate for the broker lies (PEM); not the keys that seal and sign messages."""

    model_config = ConfigDict(frozen=True)

    authority: Path
    """Certificate of the authority that vouches for the broker."""
    certificate: Path
    """This node's certificate: its common name is the node's name, which is how the broker knows it."""
    key: Path


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Make the context of a link: TLS 1.2 or later, the broker's certificate and host name are checked.

    Raises:
        OSError: a file can't be read (FileNotFoundError, PermissionError), or holds no such PEM (ssl.SSLError).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(files.authority)
    context.load_cert_chain(files.certificate, files.key)
    return context
