from datetime import timedelta

from node.crypto.ring import new_keyring, renewed, without_expired
from tests.vectors.federation import NOW, seeded

DAY = timedelta(days=1)
FIRST = new_keyring("DE", NOW, seeded("ring"))


def test_a_new_keyring_has_a_key_of_each_kind() -> None:
    assert len(FIRST.signing) == 1
    assert {key.suite for key in FIRST.public_sealing()} == {"mlkem768-x25519", "x25519"}
    assert len(FIRST.store_key) == 32
    assert len({FIRST.store_key, FIRST.current.seed, *(held.key.seed for held in FIRST.sealing)}) == 4


def test_the_same_randomness_gives_the_same_keys() -> None:
    assert new_keyring("DE", NOW, seeded("ring")) == FIRST


def test_keys_last_as_long_as_is_said() -> None:
    short = new_keyring("DE", NOW, seeded("ring"), signing_validity=DAY, sealing_validity=2 * DAY)
    assert short.public_signing()[0].valid_until == NOW + DAY
    assert {key.valid_until for key in short.public_sealing()} == {NOW + 2 * DAY}


def test_renewed_keys_come_first_and_the_older_ones_stay() -> None:
    second = renewed(FIRST, NOW + 300 * DAY, seeded("again"))
    assert second.current != FIRST.current
    assert second.signing[1:] == FIRST.signing
    assert second.store_key == FIRST.store_key
    for held in (*FIRST.sealing, *second.sealing):
        assert second.sealing_key(held.key.id) == held.key
    ids = [held.key.id for held in second.signing] + [held.key.id for held in second.sealing]
    assert len(set(ids)) == 6


def test_an_old_sealing_key_is_gone_once_nothing_can_still_arrive() -> None:
    second = renewed(FIRST, NOW + 300 * DAY, seeded("again"))
    assert without_expired(second, NOW + (365 + 89) * DAY) == second
    later = without_expired(second, NOW + (365 + 90) * DAY)
    assert later.sealing == second.sealing[:2]
    assert later.signing == second.signing


def test_an_unknown_key_is_not_found() -> None:
    assert FIRST.sealing_key("FR.seal.none") is None
