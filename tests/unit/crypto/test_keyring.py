from pathlib import Path

import pytest

from node.crypto import base64url
from node.crypto.keyring import FILE_NAME, BadKeyring, create_keyring, load_keyring, renewed, save_keyring
from tests.vectors.federation import NOW, seeded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    create_keyring(folder, "DE", NOW, seeded("disk"))
    return folder


def test_what_is_made_loads_again(tmp_path: Path) -> None:
    made = create_keyring(tmp_path / "keys", "DE", NOW, seeded("disk"))
    assert load_keyring(tmp_path / "keys") == made


def test_only_the_own_account_can_read_it(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_is_open_to_others_is_refused_with_the_remedy(folder: Path, mode: int) -> None:
    (folder / FILE_NAME).chmod(mode)
    with pytest.raises(BadKeyring, match=rf"mode {mode:04o}.*chmod 600 .*{FILE_NAME}"):
        load_keyring(folder)


@pytest.mark.parametrize("mode", [0o750, 0o701])
def test_a_folder_that_is_open_to_others_is_refused_with_the_remedy(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(BadKeyring, match=rf"mode {mode:04o}.*chmod 700 "):
        load_keyring(folder)
    with pytest.raises(BadKeyring, match="chmod 700"):
        save_keyring(folder, create_keyring(folder.parent / "other", "DE", NOW, seeded("disk")))


def test_a_missing_keyring_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(BadKeyring, match="missing; make keys for a new node, or restore"):
        load_keyring(tmp_path)


def test_keys_are_never_overwritten(folder: Path) -> None:
    before = load_keyring(folder)
    with pytest.raises(BadKeyring, match="never overwritten"):
        create_keyring(folder, "DE", NOW, seeded("others"))
    assert load_keyring(folder) == before


def test_renewed_keys_replace_the_file_as_a_whole(folder: Path) -> None:
    second = renewed(load_keyring(folder), NOW, seeded("renewed"))
    save_keyring(folder, second)
    assert load_keyring(folder) == second
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


def test_what_a_crash_left_behind_is_no_hindrance(folder: Path) -> None:
    keyring = load_keyring(folder)
    (folder / f".{FILE_NAME}.draft").write_bytes((folder / FILE_NAME).read_bytes()[:40])
    save_keyring(folder, keyring)
    assert load_keyring(folder) == keyring
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    ("old", "new"),
    [('"node"', '"nodes"'), ('"DE"', '"Germany"'), ('"seed":', '"seed": "AAAA", "then":'), ("{", "")],
    ids=["member", "value", "key", "json"],
)
def test_a_damaged_keyring_is_refused_and_no_key_is_shown(folder: Path, old: str, new: str) -> None:
    secret = base64url.encode(load_keyring(folder).current.seed)
    path = folder / FILE_NAME
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(BadKeyring, match=r"damaged.*restore it from the backup") as refusal:
        load_keyring(folder)
    assert secret not in str(refusal.value)


def test_a_key_of_another_size_is_refused(folder: Path) -> None:
    path = folder / FILE_NAME
    secret = base64url.encode(load_keyring(folder).current.seed)
    path.write_text(path.read_text().replace(secret, "AAAA"))
    with pytest.raises(BadKeyring, match="a key is no key"):
        load_keyring(folder)
