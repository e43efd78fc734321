"""A node's side: make a folder with keys, apply, and take home what the federation gives back."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from broker.certificates import new_request, write_private
from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE, CeremonyRefused
from node.config import Config, write_config
from node.crypto.keyring import new_keyring, save_keyring
from node.crypto.ring import SEALING_VALIDITY, SIGNING_VALIDITY
from node.crypto.trust import TrustedDirectory, sign_application
from schemas.authorities import Authority
from schemas.directory import Application

APPLICATION_FILE = "application.jws"

_CERTIFICATES = ("node.pem", "ca.pem")


def init(
    config: Config,
    authorities: Sequence[Authority],
    *,
    at: datetime,
    random: Callable[[int], bytes],
    signing_validity: timedelta = SIGNING_VALIDITY,
    sealing_validity: timedelta = SEALING_VALIDITY,
) -> str:
    """Make a node's folder and keys, and write its application for admission.

    Args:
        config: the new node's settings; `config.folder` is made.
        authorities: the competent authorities that it will speak for.
        at: the beginning of the keys' validity.
        random: gives the seeds of the keys.
        signing_validity: how long statements may be signed with them.
        sealing_validity: how long others may seal to them.

    Returns:
        The signed application, which also stands in `application.jws`.

    Raises:
        BadConfig: the folder belongs to a node already.
        CeremonyRefused: an authority of another country.
    """
    for authority in authorities:
        if not authority.id.startswith(f"{config.node}/"):
            raise CeremonyRefused(
                f"{authority.id} is no authority of {config.node}: begin its name with {config.node}/"
            )
    config.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_config(config)
    keyring = new_keyring(config.node, at, random, signing_validity=signing_validity, sealing_validity=sealing_validity)
    save_keyring(config.keys, keyring)
    config.link.mkdir(mode=0o700)
    key, request = new_request(config.node)
    write_private(config.link / "node.key", key)
    application = Application(
        node=config.node,
        at=at,
        signing=keyring.public_signing()[0],
        sealing=keyring.public_sealing(),
        authorities=tuple(authorities),
        link_request=request.decode(),
    )
    text = sign_application(application, keyring.current)
    (config.folder / APPLICATION_FILE).write_text(text)
    return text


def join(config: Config, admission: Path, *, at: datetime) -> int:
    """Take home what the federation gave back, and pin its root.

    Args:
        config: of the node.
        admission: the folder `admitted/<node>` of the federation, however it got here.
        at: the time now, for the documents' validity.

    Returns:
        The version of the directory.

    Raises:
        CeremonyRefused: papers are missing, or another root is pinned already.
        TrustError: the papers don't hold together.
    """
    missing = [name for name in (ROOT_FILE, DIRECTORY_FILE, *_CERTIFICATES) if not (admission / name).exists()]
    if missing:
        raise CeremonyRefused(
            f"{admission} lacks {', '.join(missing)}: first the federation admits the node and publishes the directory"
        )
    root, directory = (admission / ROOT_FILE).read_text(), (admission / DIRECTORY_FILE).read_text()
    trust = TrustedDirectory.pin(root, at).update_directory(directory, at)
    if trust.entry(config.node) is None:
        raise CeremonyRefused(f"the directory does not list {config.node}: publish it again after admitting the node")
    pinned = config.trust / ROOT_FILE
    if pinned.exists() and pinned.read_text() != root:
        raise CeremonyRefused(f"{config.folder} has pinned another root; a root is never replaced by hand")
    config.trust.mkdir(exist_ok=True)
    pinned.write_text(root)
    (config.trust / DIRECTORY_FILE).write_text(directory)
    for name in _CERTIFICATES:
        (config.link / name).write_bytes((admission / name).read_bytes())
    config.areas.mkdir(exist_ok=True)
    return trust.directory.version if trust.directory is not None else 0
