"""What an authority is found by: folded words of its name, competences and region; its policy areas and procedures."""

from collections.abc import Iterable, Iterator

from node.handlers.search.folding import spellings, vocabulary
from schemas.authorities import Authority
from schemas.register import AuthorityQuery

MAX_WORDS = 12  # of a query; more of them say nothing more


def name_words(authority: Authority) -> str:
    """Give the words of the name, in all their spellings, a blank between."""
    return " ".join(sorted(vocabulary(authority.name)))


def other_words(authority: Authority) -> str:
    """Give the words of competences, region and id."""
    texts = (*authority.competences, authority.region, authority.id)
    return " ".join(sorted(set().union(*map(vocabulary, texts))))


def modules_of(authority: Authority) -> list[str]:
    """Name what an authority has access to: each area, each procedure, each procedure of each area."""
    return sorted({name for area, given in authority.modules.items() for name in _names(area, given)})


def module_wanted(query: AuthorityQuery) -> str | None:
    """Name the area or the procedure that a query asks for."""
    match query.area, query.procedure:
        case None, None:
            return None
        case None, procedure:
            return f".{procedure}"
        case area, None:
            return area
        case area, procedure:
            return f"{area}.{procedure}"


def words_wanted(query: AuthorityQuery) -> list[tuple[str, ...]]:
    """Give the words that a query asks for, each in all its spellings."""
    return list(spellings(f"{query.words} {query.region}"))[:MAX_WORDS]


def _names(area: str, procedures: Iterable[str]) -> Iterator[str]:
    yield area
    for procedure in procedures:
        yield from (f"{area}.{procedure}", f".{procedure}")
