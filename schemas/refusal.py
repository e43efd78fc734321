"""The closed list of reasons for which a node refuses what it was sent.

The codes are part of the wire: they travel in signed receipts, stand in quarantine, and are what the
golden vectors expect. `HELP` says each in plain words, with what to do about it.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why an envelope or a statement was not accepted; the number is the step of opening that says so."""

    TOO_LARGE = "too_large"  # 1
    BAD_HEADER = "bad_header"  # 2
    NOT_FOR_ME = "not_for_me"  # 3
    UNKNOWN_KEY = "unknown_key"  # 4
    UNDECIPHERABLE = "undecipherable"  # 5
    BAD_COMPRESSION = "bad_compression"  # 6
    UNKNOWN_SENDER = "unknown_sender"  # 7
    INACTIVE_SENDER = "inactive_sender"  # 7
    BAD_SIGNATURE = "bad_signature"  # 8
    HEADER_MISMATCH = "header_mismatch"  # 9
    MALFORMED = "malformed"  # 10
    UNKNOWN_KIND = "unknown_kind"  # 10
    BAD_DISCLOSURE = "bad_disclosure"  # 10
    OTHER_CONTENT = "other_content"  # 11: a known message id with another hash
    TOO_FAR_AHEAD = "too_far_ahead"  # 12
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_EXCHANGE = "unknown_exchange"
    NOT_A_PARTY = "not_a_party"
    NOT_YOUR_STEP = "not_your_step"
    NO_MEANING = "no_meaning"
    BAD_FORM = "bad_form"
    BAD_SEQUENCE = "bad_sequence"
    FROM_THE_FUTURE = "from_the_future"
    WITHHELD = "withheld"
    CONTRADICTED = "contradicted"
    NOT_PROCESSED = "not_processed"


HELP: dict[Refusal, str] = {
    Refusal.TOO_LARGE: "The envelope is larger than the federation allows; send long content as an attachment.",
    Refusal.BAD_HEADER: "The clear header is not one that this version of the wire knows.",
    Refusal.NOT_FOR_ME: "The envelope is addressed to another node.",
    Refusal.UNKNOWN_KEY: "It is sealed to a key that this node does not have; fetch the current directory.",
    Refusal.UNDECIPHERABLE: "It does not decrypt: header or content were altered on the way, or wrongly sealed.",
    Refusal.BAD_COMPRESSION: "The content does not decompress within the allowed size.",
    Refusal.UNKNOWN_SENDER: "The sender is not in the directory.",
    Refusal.INACTIVE_SENDER: "The sender, or the key it signed with, was not active at that time.",
    Refusal.BAD_SIGNATURE: "The signature does not verify with the sender's key in the directory.",
    Refusal.HEADER_MISMATCH: "The signed sender or recipients differ from the clear header.",
    Refusal.MALFORMED: "The statement is not of the form that its kind requires.",
    Refusal.UNKNOWN_KIND: "The statement is of a kind that this node does not know; update the older node.",
    Refusal.BAD_DISCLOSURE: "A disclosed field does not match its signed digest, or is missing, or is surplus.",
    Refusal.OTHER_CONTENT: "A message with this id came before with other content.",
    Refusal.TOO_FAR_AHEAD: "So much is missing before this message that it is not kept waiting; send from the gap.",
    Refusal.UNKNOWN_AREA: "This node does not have that version of the policy area, or no exchange can begin with it.",
    Refusal.UNKNOWN_EXCHANGE: "This node knows no exchange of that number, and the step does not open one.",
    Refusal.NOT_A_PARTY: "The sender is not a party to this exchange, or the parties are not as declared.",
    Refusal.NOT_YOUR_STEP: "The sender's side may not take this step.",
    Refusal.NO_MEANING: "The step has no meaning in the state that the exchange is in.",
    Refusal.BAD_FORM: "The form is not filled in as the policy area declares.",
    Refusal.BAD_SEQUENCE: "The sequence number does not follow the sender's last one.",
    Refusal.FROM_THE_FUTURE: "The statement is dated later than now; set the sender's clock, or the recipient's.",
    Refusal.WITHHELD: "The sender took it back undelivered: blocked, deleted or lost. Nothing is to be done.",
    Refusal.CONTRADICTED: "Two parties have different statements under one number of the same sender; both are signed.",
    Refusal.NOT_PROCESSED: "The recipient failed at it by a fault of its own and has kept it; its operator must look.",
}
