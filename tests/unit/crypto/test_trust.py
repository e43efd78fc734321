"""Attacks on the directory, by the names that The Update Framework gives them, and what a node does offline."""

from datetime import timedelta

import pytest

from node.crypto.keys import SigningPrivateKey
from node.crypto.trust import GRACE, Freshness, TrustCode, TrustedDirectory, TrustError, sign_document
from schemas.directory import Directory, NodeEntry
from tests.vectors.federation import (
    FOUNDED,
    HOLDERS,
    KEYRINGS,
    LEFT,
    NOW,
    TRUST,
    directory,
    entry,
    root,
    seeded,
)

DAY = timedelta(days=1)
TWO = HOLDERS[:2]
STRANGER = SigningPrivateKey("holder-9", seeded("a stranger")(32))
NEW_HOLDERS = tuple(SigningPrivateKey(f"new-{number}", seeded(f"new {number}")(32)) for number in range(3))
PINNED = TrustedDirectory.pin(sign_document(root(), TWO), NOW)


def by(*keys: SigningPrivateKey, version: int = 2, **changes: object) -> str:
    changed = Directory.model_validate(directory(version).model_dump() | changes)
    return sign_document(changed, keys)


def with_signing(**changes: object) -> NodeEntry:
    de = entry("DE")
    return de.model_copy(update={"signing": (de.signing[0].model_copy(update=changes),)})


def refused(text: str, trust: TrustedDirectory = TRUST, *, at: timedelta = timedelta()) -> TrustCode:
    with pytest.raises(TrustError) as refusal:
        trust.update_directory(text, NOW + at)
    assert refusal.value.sentence
    return refusal.value.code


def refused_root(text: str, trust: TrustedDirectory = TRUST) -> TrustCode:
    with pytest.raises(TrustError) as refusal:
        trust.update_root(text, NOW)
    return refusal.value.code


def test_a_newer_directory_of_enough_holders_is_taken() -> None:
    taken = TRUST.update_directory(by(*TWO), NOW)
    assert taken.directory is not None
    assert taken.directory.version == 2
    assert TRUST.directory is not None
    assert TRUST.directory.version == 1


def test_the_same_directory_again_changes_nothing() -> None:
    again = TRUST.update_directory(sign_document(directory(), HOLDERS), NOW)
    assert again.directory == TRUST.directory


def test_too_few_holders_are_not_enough() -> None:
    assert refused(by(HOLDERS[0])) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_one_holder_signing_twice_is_one_holder() -> None:
    assert refused(by(HOLDERS[0], HOLDERS[0])) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_a_stranger_who_takes_the_name_of_a_holder_does_not_count() -> None:
    impostor = SigningPrivateKey(HOLDERS[1].id, STRANGER.seed)
    assert refused(by(HOLDERS[0], impostor, STRANGER)) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_a_strangers_signature_beside_enough_good_ones_does_no_harm() -> None:
    assert TRUST.update_directory(by(STRANGER, *TWO), NOW).directory is not None


def test_one_key_under_two_names_does_not_make_two_holders() -> None:
    twin = SigningPrivateKey("twin", HOLDERS[0].seed)
    with pytest.raises(TrustError, match="stands there twice"):
        TrustedDirectory.pin(sign_document(root(holders=(HOLDERS[0], twin)), (HOLDERS[0], twin)), NOW)


def test_rollback_to_an_older_directory_is_refused() -> None:
    newer = TRUST.update_directory(by(*TWO), NOW)
    assert refused(sign_document(directory(), TWO), newer) is TrustCode.ROLLBACK


def test_two_directories_of_one_version_are_noticed() -> None:
    assert refused(by(*TWO, version=1, nodes=(entry("DE"),))) is TrustCode.TWO_OF_ONE_VERSION


def test_freeze_on_an_expired_directory_is_refused() -> None:
    assert refused(by(*TWO), at=31 * DAY) is TrustCode.EXPIRED


def test_freeze_on_an_expired_root_is_refused() -> None:
    late = by(*TWO, expires_at=NOW + 500 * DAY)
    assert refused(late, at=400 * DAY) is TrustCode.EXPIRED


def test_a_document_of_the_future_shows_a_wrong_clock() -> None:
    assert refused(by(*TWO), at=-3 * DAY) is TrustCode.NOT_YET


def test_mix_of_kinds_a_root_is_no_directory() -> None:
    assert refused(sign_document(root(2), TWO)) is TrustCode.WRONG_KIND


def test_mix_of_kinds_a_directory_is_no_root() -> None:
    assert refused_root(by(*TWO)) is TrustCode.WRONG_KIND


def test_the_next_root_needs_the_old_holders() -> None:
    assert refused_root(sign_document(root(2, NEW_HOLDERS), NEW_HOLDERS)) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_the_next_root_needs_the_new_holders() -> None:
    assert refused_root(sign_document(root(2, NEW_HOLDERS), TWO)) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_the_next_root_is_taken_with_both() -> None:
    assert TRUST.update_root(sign_document(root(2, NEW_HOLDERS), (*TWO, *NEW_HOLDERS)), NOW).root.version == 2


def test_a_root_is_not_skipped() -> None:
    assert refused_root(sign_document(root(3), TWO)) is TrustCode.VERSION_GAP


def test_a_root_does_not_come_again() -> None:
    assert refused_root(sign_document(root(1), TWO)) is TrustCode.ROLLBACK


def test_old_holders_sign_nothing_after_the_change() -> None:
    changed = TRUST.update_root(sign_document(root(2, NEW_HOLDERS), (*TWO, *NEW_HOLDERS)), NOW)
    assert refused(by(*TWO), changed) is TrustCode.BAD_SIGNATURE_THRESHOLD


def test_fast_forward_by_stolen_keys_is_undone_by_new_holders() -> None:
    stolen = TRUST.update_directory(by(*TWO, version=2**31), NOW)
    changed = stolen.update_root(sign_document(root(2, NEW_HOLDERS), (*TWO, *NEW_HOLDERS)), NOW)
    taken = changed.update_directory(by(*NEW_HOLDERS, version=3), NOW)
    assert taken.directory is not None
    assert taken.directory.version == 3
    assert refused(by(*NEW_HOLDERS, version=2), taken) is TrustCode.ROLLBACK


def test_an_expired_root_on_the_way_to_a_fresh_one_is_taken() -> None:
    expired = root(2).model_copy(update={"expires_at": NOW - DAY})
    chain = [sign_document(root(), TWO), sign_document(expired, TWO), sign_document(root(3), TWO)]
    assert PINNED.update(chain, by(*TWO), NOW).root.version == 3


def test_a_chain_that_breaks_leaves_everything_as_it_was() -> None:
    with pytest.raises(TrustError, match="version_gap"):
        PINNED.update([sign_document(root(3), TWO)], by(*TWO), NOW)
    assert PINNED.root.version == 1


@pytest.mark.parametrize("age", [timedelta(), 400 * DAY])
def test_an_expired_root_is_not_pinned(age: timedelta) -> None:
    text = sign_document(root().model_copy(update={"expires_at": NOW - DAY}), TWO)
    with pytest.raises(TrustError, match="expired"):
        TrustedDirectory.pin(text, NOW + age)


def test_a_threshold_that_nobody_can_reach_is_refused() -> None:
    with pytest.raises(TrustError, match="4 of 3 holders can't sign"):
        TrustedDirectory.pin(sign_document(root(threshold=4), HOLDERS), NOW)


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        ((entry("DE"), entry("DE")), "node DE stands there twice"),
        ((entry("DE").model_copy(update={"authorities": entry("FR").authorities}),), "belongs to another node"),
        ((entry("DE").model_copy(update={"signing": entry("DE").signing * 2}),), "key DE.sign"),
        ((with_signing(valid_until=FOUNDED),), "ends before it begins"),
        ((with_signing(public="AAAA"),), "is no Ed25519 key"),
    ],
    ids=["node twice", "authority of another", "key twice", "key that ends first", "key that is none"],
)
def test_a_directory_that_contradicts_itself_is_refused(nodes: tuple[NodeEntry, ...], sentence: str) -> None:
    with pytest.raises(TrustError, match=sentence):
        TRUST.update_directory(by(*TWO, nodes=nodes), NOW)


@pytest.mark.parametrize("public", ["AAAA", "!", "A" * 43], ids=["short", "no base64", "low order"])
def test_a_sealing_key_that_is_no_key_is_refused(public: str) -> None:
    key = entry("DE").sealing[0].model_copy(update={"suite": "x25519", "public": public})
    text = sign_document(directory(2, nodes=(entry("DE").model_copy(update={"sealing": (key,)}),)), TWO)
    assert refused(text) is TrustCode.MALFORMED


def test_a_key_id_never_comes_to_stand_for_another_key() -> None:
    assert refused(by(*TWO, nodes=(with_signing(public=STRANGER.public),))) is TrustCode.MALFORMED


def test_offline_the_directory_counts_until_the_end_of_grace() -> None:
    assert TRUST.freshness(NOW + 29 * DAY) is Freshness.FRESH
    assert TRUST.freshness(NOW + 30 * DAY) is Freshness.IN_GRACE
    assert TRUST.freshness(NOW + 30 * DAY + GRACE) is Freshness.EXPIRED
    assert PINNED.freshness(NOW) is Freshness.EXPIRED


def test_a_node_starts_again_long_after_everything_expired() -> None:
    changed = sign_document(root(2, NEW_HOLDERS), (*TWO, *NEW_HOLDERS))
    kept = [sign_document(root(), TWO), sign_document(directory(), TWO), changed, by(*NEW_HOLDERS)]
    restored = TrustedDirectory.restore(kept)
    assert (restored.root.version, restored.directory and restored.directory.version) == (2, 2)
    assert restored.freshness(NOW + 900 * DAY) is Freshness.EXPIRED


def test_what_was_kept_and_altered_is_noticed_at_the_start() -> None:
    kept = [sign_document(root(), TWO), by(*TWO).replace('"payload":"e', '"payload":"f')]
    with pytest.raises(TrustError):
        TrustedDirectory.restore(kept)


def test_a_node_is_active_from_its_joining_until_it_leaves() -> None:
    assert not TRUST.is_active("DE", FOUNDED - DAY)
    assert TRUST.is_active("DE", FOUNDED)
    assert not TRUST.is_active("HU", LEFT)
    assert not TRUST.is_active("IT", NOW)


def test_an_expelled_node_counts_for_what_it_said_before() -> None:
    expelled = entry("EL").model_copy(update={"status": "expelled", "since": NOW + DAY})
    after = TRUST.update_directory(by(*TWO, nodes=(entry("DE"), expelled)), NOW)
    assert after.is_active("EL", NOW)
    assert not after.is_active("EL", NOW + DAY)


def test_a_node_that_is_left_out_counts_until_then() -> None:
    later = sign_document(directory(2, issued_at=NOW + DAY, nodes=(entry("DE"),)), TWO)
    after = TRUST.update_directory(later, NOW + DAY)
    key = KEYRINGS["EL"].current.id
    assert (after.entry("EL"), after.is_active("EL", NOW), after.is_active("EL", NOW + DAY)) == (None, True, False)
    assert after.signing_key("EL", key, NOW) is not None
    assert after.signing_key("EL", key, NOW + DAY) is None


def test_a_key_that_is_withdrawn_counts_until_then() -> None:
    newest, oldest = entry("DE").signing
    without = entry("DE").model_copy(update={"signing": (newest,)})
    after = TRUST.update_directory(by(*TWO, nodes=(without,)), NOW)
    assert after.signing_key("DE", oldest.id, NOW - 61 * DAY) is not None
    assert after.signing_key("DE", oldest.id, NOW) is None
    assert after.signing_key("DE", newest.id, NOW) is not None
    assert after.signing_key("FR", newest.id, NOW) is None


def test_the_strongest_and_newest_sealing_key_is_chosen() -> None:
    newest, _ = (key for key in KEYRINGS["FR"].public_sealing() if key.suite == "mlkem768-x25519")
    assert TRUST.sealing_key("FR", NOW) == newest
    assert TRUST.sealing_key("FR", NOW, "x25519").suite == "mlkem768-x25519"


def test_there_is_no_downgrade_below_the_minimum() -> None:
    weak = tuple(key for key in entry("FR").sealing if key.suite == "x25519")
    after = TRUST.update_directory(by(*TWO, nodes=(entry("FR").model_copy(update={"sealing": weak}),)), NOW)
    with pytest.raises(TrustError, match="no_key"):
        after.sealing_key("FR", NOW)
    assert after.sealing_key("FR", NOW, "x25519").suite == "x25519"


@pytest.mark.parametrize("node", ["IT", "EL"])
def test_a_node_without_a_key_in_force_is_not_sealed_to(node: str) -> None:
    with pytest.raises(TrustError, match="no_key"):
        TRUST.sealing_key(node, NOW + 999 * DAY)


def test_authorities_are_found_by_name() -> None:
    known = TRUST.authority("EL/ministry")
    assert known is not None
    assert known.name == "Ministry of EL"
    assert TRUST.authority("EL/other") is None
    assert TRUST.authority("IT/ministry") is None
    assert PINNED.nodes() == ()
