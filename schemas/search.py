"""What is searched for among a node's exchanges, and what is found: every condition has to hold."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.exchange import Exchange
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, NodeId, Slug, UtcTime

MAX_PAGE = 500

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class Between(Frozen):
    """Days in UTC, the first and the last included; either may be open."""

    first: date | None = None
    last: date | None = None


class Query(Frozen):
    """Conditions, and which page of what meets them; the newest exchanges come first."""

    words: Words = ""
    """Free text: `word`, `begin*`, `field:word`, `field:code`, `domain:example.eu`, an address."""
    number: Words = ""
    """A case number, or a part of one."""
    role: Literal["sent", "received"] | None = None
    area: Slug | None = None
    procedure: Slug | None = None
    status: Slug | None = None
    """A state, or a status that several states count as; `blocked` for hidden personal data."""
    country: NodeId | None = None
    """Another party."""
    authority: AuthorityId | None = None
    """It acts, or acted, for a party."""
    sent: Between = Between()
    accepted: Between = Between()
    due: Between = Between()
    closed: Between = Between()
    overdue: bool = False
    urgent: bool = False
    ground: Slug | None = None
    measure: Slug | None = None
    provider: Words = ""
    """Words of a provider's name, registration or address."""
    domain: Words = ""
    """A domain, which stands for all within it, or the address of one page."""
    after: ExchangeId | None = None
    """The last case number of the page before."""
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 50

    @property
    def asks_content(self) -> bool:
        """Whether words that exchanges say decide what is found: then the hits alone tell of persons."""
        return bool(self.words or self.provider or self.domain)


class Facets(Frozen):
    """What of an exchange is searched for without looking at its content; no personal data."""

    exchange: ExchangeId
    area: Slug
    procedure: Slug
    state: Slug
    role: Literal["sent", "received"]
    parties: tuple[NodeId, ...]
    authorities: tuple[AuthorityId, ...]
    """That are responsible, or took a step."""
    opened_at: UtcTime | None
    accepted_at: UtcTime | None
    due_at: UtcTime | None
    """The beginning of the day on which the next step is due."""
    closed_at: UtcTime | None
    hides_personal: bool
    """Personal data are not to be seen by this node yet."""
    blocked: bool


class Found(Frozen):
    """A page of what was found."""

    exchanges: tuple[Exchange, ...]
    next: ExchangeId | None
    """Ask for what comes after this one; none when there is nothing more."""
    behind: int
    """How many statements are not in the index yet: they are taken in within seconds, after an import in minutes."""
