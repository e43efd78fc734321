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

    @classmethod
    def in_folder(cls, folder: Path) -> "TlsFiles":
        """Name the files as they lie in a node's folder."""
        return cls(authority=folder / "ca.pem", certificate=folder / "node.pem", key=folder / "node.key")

    def copy_to(self, folder: Path) -> None:
        """Put the files into a node's folder, under the names that `in_folder` knows; the key stays private."""
        target = TlsFiles.in_folder(folder)
        target.authority.write_bytes(self.authority.read_bytes())
        target.certificate.write_bytes(self.certificate.read_bytes())
        target.key.touch(mode=0o600)
        target.key.write_bytes(self.key.read_bytes())


def client_context(files: TlsFiles) -> ssl.SSLContext:
    """Make the context of a link: TLS 1.2 or later, the broker's certificate and host name are checked.

    Raises:
        OSError: a file can't be read (FileNotFoundError, PermissionError), or holds no such PEM (ssl.SSLError).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in (files.authority, files.certificate, files.key):
        path.open("rb").close()  # unlike OpenSSL, this names the file that can't be read
    context.load_verify_locations(files.authority)
    context.load_cert_chain(files.certificate, files.key)
    return context
