"""Envelopes and statements that every implementation refuses, with the code that says why."""

import json
from datetime import timedelta

from node.crypto import bundle, statement
from node.crypto.compression import zstd
from node.crypto.statement import Packed
from schemas.envelope import MAX_CONTENT_BYTES, MAX_ENVELOPE_BYTES
from schemas.refusal import Refusal
from tests.vectors.cases import Case, disclosed, flip, forged, header, lines, payload, with_header
from tests.vectors.federation import FOUNDED, KEYRINGS, LEFT, NOW, packed, signed, step

_ORDINARY = packed({"subject": "Age verification"})
_LINES = lines(_ORDINARY)
_DISCLOSURE = _ORDINARY.disclosures[0]
_DAY = timedelta(days=1)
_KEY = KEYRINGS["DE"].current.id
_DIGEST = statement.digest("once")


def _envelope(name: str, about: str, code: Refusal, **how: object) -> Case:
    return Case(name, about, (code,), how.pop("compressed", _LINES), whole=True, **how)  # type: ignore[arg-type]


def _statement(name: str, about: str, code: Refusal, line: str) -> Case:
    return Case(name, about, (code,), lines(line))


def _step(name: str, about: str, code: Refusal, **changes: object) -> Case:
    return _statement(name, about, code, forged(payload(**changes)))


_REFUSED_WHOLE = (
    _envelope("too_large", "over 256 KiB", Refusal.TOO_LARGE, zeros=MAX_ENVELOPE_BYTES),
    _envelope("no_header", "an empty header line", Refusal.BAD_HEADER, header=""),
    _envelope("no_json", "a header that is not JSON", Refusal.BAD_HEADER, header="imi"),
    _envelope("no_object", "a header that is a list", Refusal.BAD_HEADER, header="[1]"),
    _envelope("version_2", "a version to come", Refusal.BAD_HEADER, header=header("v2", v=2)),
    _envelope("no_version", "no version", Refusal.BAD_HEADER, header=header("nv").replace('"v":1,', "")),
    _envelope("version_true", "true is not 1", Refusal.BAD_HEADER, header=header("vt", v=True)),
    _envelope("long_header", "a header line over 1 KiB", Refusal.BAD_HEADER, header=header("long", key="k" * 1000)),
    _envelope("surplus_member", "a header with more in it", Refusal.BAD_HEADER, header=header("sm", subject="x")),
    _envelope(
        "repeated_member",
        "two senders, of which two readers may take different ones",
        Refusal.BAD_HEADER,
        header=header("rm").replace('"sender":"DE"', '"sender":"FR","sender":"DE"'),
    ),
    _envelope(
        "unknown_suite", "a suite to come", Refusal.BAD_HEADER, header=header("us").replace("mlkem768", "mlkem9")
    ),
    _envelope("not_for_me", "addressed to EL", Refusal.NOT_FOR_ME, header=header("nm", recipient="EL")),
    _envelope("unknown_key", "a key that FR never had", Refusal.UNKNOWN_KEY, header=header("uk", key="FR.seal.no")),
    _envelope(
        "key_of_other_suite",
        "the key's id with another suite: no downgrade",
        Refusal.UNKNOWN_KEY,
        header=header("ko").replace("mlkem768-x25519", "x25519"),
    ),
    _envelope(
        "re_addressed_header",
        "the clear sender was changed on the way",
        Refusal.UNDECIPHERABLE,
        header=header("ra", sender="EL"),
        seal_header=header("ra"),
    ),
    _envelope("flipped_bit", "one bit of the ciphertext", Refusal.UNDECIPHERABLE, spoil=flip(-1)),
    _envelope("flipped_encapsulation", "one bit of the key", Refusal.UNDECIPHERABLE, spoil=flip(500)),
    _envelope("cut_off", "the last byte is missing", Refusal.UNDECIPHERABLE, spoil=lambda raw: raw[:-1]),
    _envelope(
        "header_only",
        "nothing after the newline",
        Refusal.UNDECIPHERABLE,
        spoil=lambda raw: raw[: raw.index(b"\n") + 1],
    ),
    _envelope("not_compressed", "no Zstandard frame", Refusal.BAD_COMPRESSION, compressed=b"plain"),
    _envelope("empty", "nothing at all", Refusal.BAD_COMPRESSION, compressed=b""),
    _envelope("cut_off_stream", "a frame without end", Refusal.BAD_COMPRESSION, compressed=_LINES[:-5]),
    _envelope("surplus_stream", "something after the frame", Refusal.BAD_COMPRESSION, compressed=_LINES + b"more"),
    _envelope(
        "bomb", "4 MiB and one byte", Refusal.BAD_COMPRESSION, compressed=zstd.compress(bytes(MAX_CONTENT_BYTES + 1))
    ),
    _envelope(
        "many_lines",
        "more statements than allowed",
        Refusal.BAD_COMPRESSION,
        compressed=zstd.compress(b"\n" * bundle.MAX_STATEMENTS),
    ),
    _envelope("unknown_sender", "IT is no member", Refusal.UNKNOWN_SENDER, header=header("un", sender="IT")),
    _envelope("suspended_sender", "LT is suspended", Refusal.INACTIVE_SENDER, header=header("su", sender="LT")),
    _envelope(
        "expelled_sender",
        "HU was expelled, and dates a statement back to the day before",
        Refusal.INACTIVE_SENDER,
        header=header("ex", sender="HU"),
        compressed=lines(signed(step(sender="HU", at=LEFT - _DAY), "HU") + "~"),
    ),
)

_BAD_SIGNATURES = (
    _statement(
        "altered_payload",
        "other words under the signature",
        Refusal.BAD_SIGNATURE,
        _ORDINARY.jws.replace(".eyJ", ".eyK") + "~",
    ),
    _statement(
        "algorithm_none", "no signature", Refusal.BAD_SIGNATURE, with_header('{"alg":"none"}').rpartition(".")[0] + ".~"
    ),
    _statement(
        "algorithm_eddsa",
        "the name that RFC 9864 replaces",
        Refusal.BAD_SIGNATURE,
        with_header(f'{{"alg":"EdDSA","kid":"{_KEY}","typ":"imi+sd-jwt"}}'),
    ),
    _statement(
        "critical",
        "an extension that has to be understood",
        Refusal.BAD_SIGNATURE,
        with_header(f'{{"alg":"Ed25519","kid":"{_KEY}","typ":"imi+sd-jwt","b64":false,"crit":["b64"]}}'),
    ),
    _statement(
        "repeated_header_member",
        "two key ids",
        Refusal.BAD_SIGNATURE,
        with_header(f'{{"alg":"Ed25519","kid":"x","kid":"{_KEY}","typ":"imi+sd-jwt"}}'),
    ),
    _statement("no_key_id", "no kid", Refusal.BAD_SIGNATURE, with_header('{"alg":"Ed25519","typ":"imi+sd-jwt"}')),
    _statement(
        "other_purpose",
        "a signature that was made for something else",
        Refusal.BAD_SIGNATURE,
        with_header(f'{{"alg":"Ed25519","kid":"{_KEY}","typ":"imi+application"}}'),
    ),
    _statement("other_nodes_key", "EL signs as DE", Refusal.BAD_SIGNATURE, signed(step(), "EL") + "~"),
    _statement("four_parts", "a JWS of four parts", Refusal.BAD_SIGNATURE, _ORDINARY.jws + ".AAAA~"),
)

_MISMATCHES = (
    _step("other_sender", "DE signs that EL says it", Refusal.HEADER_MISMATCH, sender="EL"),
    _step("passed_on", "EL, its recipient, passes DE's statement on to FR", Refusal.HEADER_MISMATCH, to={"EL": 1}),
    _step("no_sender", "no sender is signed", Refusal.HEADER_MISMATCH, sender=...),
    _statement("my_key", "FR signs as DE, and DE sends it to FR", Refusal.HEADER_MISMATCH, signed(step(), "FR") + "~"),
    _statement(
        "given_back_by_another",
        "DE sends FR what FR made to EL alone",
        Refusal.HEADER_MISMATCH,
        signed(step(sender="FR", to={"EL": 4}), "FR") + "~",
    ),
)

_MALFORMED = (
    _statement("no_tilde", "a bare JWS", Refusal.MALFORMED, _ORDINARY.jws),
    _statement(
        "key_binding", "a key binding after the last tilde", Refusal.MALFORMED, f"{_ORDINARY.jws}~{_DISCLOSURE}~e30"
    ),
    _statement("beyond_ascii_line", "a line that is not ASCII", Refusal.MALFORMED, "é~"),
    _statement("empty_line", "a line without anything", Refusal.MALFORMED, ""),
    _statement("no_object_payload", "a payload that is a list", Refusal.MALFORMED, forged([1])),
    _statement("no_json_payload", "a payload that is not JSON", Refusal.MALFORMED, forged(b"imi")),
    _statement(
        "repeated_payload_member",
        "two steps in one",
        Refusal.MALFORMED,
        forged(json.dumps(payload()).replace('"step": "send"', '"step": "close", "step": "send"').encode()),
    ),
    _step("no_time", "no time", Refusal.MALFORMED, at=...),
    _step("no_kind", "no kind", Refusal.MALFORMED, kind=...),
    _step("local_time", "a time that is not UTC", Refusal.MALFORMED, at="2026-11-24T09:00:00.000+01:00"),
    _step("number_as_text", "a number in quotes", Refusal.MALFORMED, sequence="1"),
    _step("uuid_4", "a message id of another version", Refusal.MALFORMED, id="8d8ac610-566d-4ef0-9c22-186b2a5ed793"),
    _step("sd_alg_sha_512", "digests that are not SHA-256", Refusal.MALFORMED, _sd_alg="sha-512"),
    _step("unknown_kind", "a kind to come", Refusal.UNKNOWN_KIND, kind="broadcast"),
    _step(
        "before_it_joined", "dated before DE joined", Refusal.INACTIVE_SENDER, at=f"{FOUNDED - _DAY:%Y-%m-%dT%H:%M:%SZ}"
    ),
    _statement(
        "key_has_ended",
        "signed with the older key after its end",
        Refusal.INACTIVE_SENDER,
        statement.sign(step(at=NOW), KEYRINGS["DE"].signing[1].key) + "~",
    ),
    _step(
        "key_not_begun",
        "signed with the newer key, and dated before its beginning",
        Refusal.INACTIVE_SENDER,
        at=f"{NOW - 61 * _DAY:%Y-%m-%dT%H:%M:%SZ}",
    ),
)

_BAD_DISCLOSURES = tuple(
    _statement(name, about, Refusal.BAD_DISCLOSURE, line)
    for name, about, line in (
        ("missing", "a signed field without disclosure", _ORDINARY.jws + "~"),
        ("surplus", "a disclosure that was not signed", bundle.write_line(Packed(packed().jws, (_DISCLOSURE,)))),
        ("repeated", "a disclosure twice", bundle.write_line(Packed(_ORDINARY.jws, (_DISCLOSURE,) * 2))),
        (
            "altered",
            "another value than was signed",
            bundle.write_line(Packed(_ORDINARY.jws, (_DISCLOSURE[:-2] + "Qg",))),
        ),
        ("name_twice", "two values of one field", disclosed(["salt", "subject", 1], ["pepper", "subject", 2])),
        ("own_member", "a field that passes for a member of the statement", disclosed(["salt", "step", "close"])),
        ("no_array", "a disclosure that is an object", disclosed({"subject": 1})),
        ("two_elements", "a disclosure of an array's element", disclosed(["salt", "subject"])),
        ("not_a_number", "a value that JSON does not have", disclosed(["salt", "subject", float("nan")])),
        (
            "digests_under_another_name",
            "the model's own name for _sd, which no other reader knows",
            forged(payload(_sd=..., digests=[statement.digest(_DISCLOSURE)])) + f"{_DISCLOSURE}~",
        ),
        ("digest_twice", "a digest that is signed twice", disclosed(digests=(_DIGEST, _DIGEST))),
    )
)

BAD = (*_REFUSED_WHOLE, *_BAD_SIGNATURES, *_MISMATCHES, *_MALFORMED, *_BAD_DISCLOSURES)
