"""The secret that a keyring is wrapped with comes from outside of the folder, or there is a reason why not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from node.crypto.keyring import BadKeyring, create_keyring, load_keyring, save_keyring
from node.crypto.ring import with_new_store_key, without_retiring
from node.crypto.vault import WrongKey, new_data_key
from node.crypto.wrapping import NoSecret, wrapping_key
from tests.vectors.federation import NOW, seeded

SECRET = "s" * 48


def private(folder: Path, text: str = SECRET) -> Path:
    path = folder / "secret"
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_one_secret_gives_one_key_wherever_it_comes_from(tmp_path: Path) -> None:
    path = private(tmp_path, SECRET + "\n")
    environment = {"S": SECRET, "CREDENTIALS_DIRECTORY": str(tmp_path)}

    keys = {wrapping_key(source, environment) for source in (f"file:{path}", "env:S", "credential:secret")}

    assert len(keys) == 1
    assert wrapping_key("env:S", {"S": SECRET[::-1] + "x"}) not in keys


BAD = {
    "no such file": (lambda folder: f"file:{folder / 'none'}", "can't be read"),
    "too short": (lambda folder: f"file:{private(folder, 'short')}", "openssl rand"),
    "no variable": (lambda _: "env:NONE", "is not set"),
    "no credentials": (lambda _: "credential:imi", "LoadCredentialEncrypted"),
    "no source": (lambda _: "password", "names no secret"),
}


@pytest.mark.parametrize(("source", "words"), BAD.values(), ids=BAD)
def test_a_secret_that_can_not_be_had_says_why(source: Callable[[Path], str], words: str, tmp_path: Path) -> None:
    with pytest.raises(NoSecret, match=words):
        wrapping_key(source(tmp_path), {})


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = private(tmp_path)
    path.chmod(0o640)

    with pytest.raises(NoSecret, match="chmod 600"):
        wrapping_key(f"file:{path}")


def test_a_wrapped_keyring_opens_with_its_secret_alone(tmp_path: Path) -> None:
    folder, key, other = tmp_path / "keys", b"1" * 32, b"2" * 32
    keyring = create_keyring(folder, "DE", NOW, seeded("wrapped"))
    with pytest.raises(BadKeyring, match="is not wrapped"):
        load_keyring(folder, key)

    save_keyring(folder, keyring, key)

    assert load_keyring(folder, key) == keyring
    for wrong, words in ((None, "is wrapped: name its secret"), (other, "another secret")):
        with pytest.raises(BadKeyring, match=words):
            load_keyring(folder, wrong)
    assert b"seed" not in (folder / "keyring.json").read_bytes()


def test_while_a_store_key_retires_both_open_and_only_the_new_one_closes(tmp_path: Path) -> None:
    before = create_keyring(tmp_path / "keys", "DE", NOW, seeded("one"))
    data_key = new_data_key(seeded("data"))
    rolling = with_new_store_key(before, seeded("two"))
    after = without_retiring(rolling)

    for ring in ("ordinary", "blocked"):
        old, new = before.wrap(ring, data_key), rolling.wrap(ring, data_key)
        assert rolling.unwrap(ring, old) == rolling.unwrap(ring, new) == after.unwrap(ring, new) == data_key
        assert rolling.is_current(ring, new)
        assert not rolling.is_current(ring, old)
        with pytest.raises(WrongKey):
            after.unwrap(ring, old)
