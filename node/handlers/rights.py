"""What may be done at a node, and which role gives the right to it: the table that `access` decides by.

Nothing is allowed that is not in it. A role gives its rights for one authority only, in the policy areas and
procedures of the grant (IMI Regulation, Art. 9); whether that authority has to do with a given exchange is for
`access` to say. Roles that see no content (operator, statistician, helpdesk, auditor, administrator) have none of
`CASE_RIGHTS`.
"""

from enum import StrEnum

from schemas.people import Role


class Right(StrEnum):
    """Something that a user may be allowed to do; the value goes into answers, the words are in `WORDS`."""

    SEE = "see"
    SEE_PERSONAL = "see_personal"
    DOWNLOAD = "download"
    EXPORT_EVIDENCE = "export_evidence"
    SEARCH = "search"
    NOTE_OPENED = "note_opened"
    OPEN = "open"
    TAKE = "take"
    FORWARD = "forward"
    COORDINATE = "coordinate"
    PREPARE = "prepare"
    ATTACH = "attach"
    RELEASE = "release"
    ALLOCATE = "allocate"
    DISSEMINATE = "disseminate"
    BLOCK = "block"
    ASK_ABOUT_DATA = "ask_about_data"
    DECIDE_ABOUT_DATA = "decide_about_data"
    RECTIFY = "rectify"

    SEE_DATA_REQUESTS = "see_data_requests"
    SEE_REGISTER = "see_register"
    SEE_USERS = "see_users"
    VALIDATE = "validate"
    GIVE_ACCESS = "give_access"
    MANAGE_USERS = "manage_users"

    SEE_DIRECTORY = "see_directory"
    ASK_GUIDANCE = "ask_guidance"
    COUNT = "count"
    REPORT = "report"
    SEE_DECLARATIONS = "see_declarations"
    DECLARE = "declare"
    SEE_STATUS = "see_status"
    OPERATE = "operate"
    AUDIT = "audit"


WORDS: dict[Right, str] = {
    Right.SEE: "to see exchanges",
    Right.SEE_PERSONAL: "to see personal data",
    Right.DOWNLOAD: "to see the files of an exchange",
    Right.EXPORT_EVIDENCE: "to export evidence",
    Right.SEARCH: "to search among exchanges",
    Right.NOTE_OPENED: "to open an exchange for the responsible authority",
    Right.OPEN: "to open an exchange",
    Right.TAKE: "to take steps in an exchange",
    Right.FORWARD: "to forward an exchange at home",
    Right.COORDINATE: "to decide what coordinators decide",
    Right.PREPARE: "to prepare steps",
    Right.ATTACH: "to add a file",
    Right.RELEASE: "to release what handlers submit",
    Right.ALLOCATE: "to give exchanges to handlers",
    Right.DISSEMINATE: "to pass a notification on at home",
    Right.BLOCK: "to block personal data early",
    Right.ASK_ABOUT_DATA: "to enter requests about personal data",
    Right.DECIDE_ABOUT_DATA: "to decide requests about personal data",
    Right.RECTIFY: "to correct or erase personal data",
    Right.SEE_DATA_REQUESTS: "to see the register of requests about personal data",
    Right.SEE_REGISTER: "to see the register",
    Right.SEE_USERS: "to see the users of an authority",
    Right.VALIDATE: "to register and validate authorities",
    Right.GIVE_ACCESS: "to give authorities access to procedures",
    Right.MANAGE_USERS: "to manage the users of an authority",
    Right.SEE_DIRECTORY: "to see the directory",
    Right.ASK_GUIDANCE: "to ask for guidance",
    Right.COUNT: "to see statistics",
    Right.REPORT: "to report statistics",
    Right.SEE_DECLARATIONS: "to see policy areas",
    Right.DECLARE: "to publish policy areas",
    Right.SEE_STATUS: "to see how the node is",
    Right.OPERATE: "to operate the node",
    Right.AUDIT: "to read the ledger",
}

_EVERYBODY = frozenset({Right.SEE_REGISTER, Right.SEE_DIRECTORY, Right.ASK_GUIDANCE, Right.SEE_DECLARATIONS})
_LOOK = frozenset({Right.SEE, Right.SEARCH, Right.COUNT}) | _EVERYBODY
_READ = _LOOK | {Right.SEE_PERSONAL, Right.DOWNLOAD, Right.EXPORT_EVIDENCE}
_WORK = _READ | {Right.NOTE_OPENED, Right.TAKE, Right.PREPARE, Right.ATTACH}
_PROTECT = frozenset({Right.BLOCK, Right.ASK_ABOUT_DATA, Right.SEE_DATA_REQUESTS})
_DECIDE = frozenset({Right.DECIDE_ABOUT_DATA, Right.SEE_DATA_REQUESTS})

RIGHTS: dict[Role, frozenset[Right]] = {
    "handler": _WORK | _PROTECT | {Right.OPEN, Right.FORWARD, Right.RECTIFY},
    "approver": _READ | _DECIDE | {Right.RELEASE},
    "allocator": _LOOK | {Right.ALLOCATE, Right.FORWARD, Right.NOTE_OPENED},
    "referral_handler": _READ | _PROTECT | _DECIDE | {Right.COORDINATE, Right.PREPARE, Right.ATTACH},
    "disseminator": _LOOK | {Right.DISSEMINATE, Right.NOTE_OPENED},
    "administrator": _EVERYBODY
    | {Right.SEE_USERS, Right.MANAGE_USERS, Right.VALIDATE, Right.GIVE_ACCESS, Right.DECLARE, Right.COUNT},
    "viewer": _READ,
    "auditor": _EVERYBODY | {Right.AUDIT, Right.SEE_USERS, Right.SEE_DATA_REQUESTS},
    "assessor": _WORK | _PROTECT | {Right.RECTIFY},
    "statistician": _EVERYBODY | {Right.COUNT, Right.REPORT},
    "helpdesk": _EVERYBODY | {Right.SEE_USERS, Right.SEE_STATUS},
    "operator": _EVERYBODY | {Right.OPERATE, Right.SEE_STATUS, Right.REPORT},
}

CASE_RIGHTS = frozenset(
    {
        Right.SEE,
        Right.SEE_PERSONAL,
        Right.DOWNLOAD,
        Right.EXPORT_EVIDENCE,
        Right.SEARCH,
        Right.NOTE_OPENED,
        Right.OPEN,
        Right.TAKE,
        Right.FORWARD,
        Right.COORDINATE,
        Right.PREPARE,
        Right.ATTACH,
        Right.RELEASE,
        Right.ALLOCATE,
        Right.DISSEMINATE,
        Right.BLOCK,
        Right.ASK_ABOUT_DATA,
        Right.DECIDE_ABOUT_DATA,
        Right.RECTIFY,
    }
)
"""Rights that count for one exchange at a time."""

READERS = frozenset({Right.SEE, Right.SEARCH, Right.SEE_PERSONAL, Right.DOWNLOAD, Right.EXPORT_EVIDENCE})
"""What a role can give in an exchange that its authority reads, and does not take part in."""

COORDINATORS = frozenset(
    {
        Right.SEE,
        Right.SEARCH,
        Right.FORWARD,
        Right.COORDINATE,
        Right.PREPARE,
        Right.ATTACH,
        Right.RELEASE,
        Right.ALLOCATE,
        Right.DISSEMINATE,
        Right.BLOCK,
        Right.DECIDE_ABOUT_DATA,
    }
)
"""What a role can give in an exchange that its authority coordinates; personal data only to decide a referral."""

DECIDING = COORDINATORS | READERS
"""The same, while coordinators have something to decide, for those who decide it."""

OPERATING = RIGHTS["operator"]
"""What the node's own account may do once users are registered."""
