"""Authorities and users as they are kept: what names a person is sealed, the rest is readable.

The register's own key comes from the store key. Each sealed part opens only where it belongs, by the id of its
authority or user.
"""

from collections.abc import Iterable, Mapping

from pydantic import TypeAdapter

from node.crypto import vault
from node.crypto.register_key import register_key
from node.handlers.registers import authority_index
from node.runtime.seat import Seat
from node.store.authorities import Indexed, Kept
from node.store.users import KeptUser
from schemas.authorities import Authority, Contact
from schemas.people import RegisteredAuthority, User

_CONTACTS: TypeAdapter[tuple[Contact, ...]] = TypeAdapter(tuple[Contact, ...])


class Officials:
    """Seals and opens with the register's key."""

    def __init__(self, seat: Seat) -> None:
        """Derive the key."""
        self._key, *self._older = map(register_key, seat.keyring.store_keys)
        self._random = seat.random

    def keep(self, authority: Authority) -> Kept:
        """Write an authority, its contacts sealed."""
        document = authority.model_copy(update={"contacts": ()}).model_dump_json(exclude_defaults=True)
        return Kept(authority.id, document, self._sealed_contacts(authority))

    def index(self, authority: Authority) -> Indexed:
        """Write an authority together with what it is found by."""
        return Indexed(
            kept=self.keep(authority),
            national=authority.national_coordinator,
            coordinates=authority.coordination is not None,
            languages=authority.languages,
            modules=authority_index.modules_of(authority),
            name=authority_index.name_words(authority),
            other=authority_index.other_words(authority),
        )

    def authority(self, kept: Kept) -> Authority:
        """Read an authority with its contacts."""
        return self._with_contacts(Authority.model_validate_json(kept.document), kept)

    def keep_registered(self, registered: RegisteredAuthority) -> Kept:
        """Write an entry of the own register, its contacts sealed."""
        own = registered.authority
        bare = registered.model_copy(update={"authority": own.model_copy(update={"contacts": ()})})
        return Kept(own.id, bare.model_dump_json(exclude_defaults=True), self._sealed_contacts(own))

    def registered(self, kept: Kept) -> RegisteredAuthority:
        """Read an entry of the own register."""
        bare = RegisteredAuthority.model_validate_json(kept.document)
        return bare.model_copy(update={"authority": self._with_contacts(bare.authority, kept)})

    def keep_users(self, users: Iterable[User]) -> list[KeptUser]:
        """Seal users."""
        return [KeptUser(each.id, self._seal(each.model_dump_json(), user_context(each.id))) for each in users]

    def users(self, kept: Iterable[KeptUser]) -> Mapping[str, User]:
        """Open users, by id."""
        return {each.id: User.model_validate_json(self._open(each.document, user_context(each.id))) for each in kept}

    def anew(self, sealed: bytes, context: bytes) -> bytes:
        """Seal under the current key what may be under an older one."""
        try:
            vault.open_content(self._key, sealed, context)
        except vault.Unreadable:
            return vault.seal_content(self._key, self._open(sealed, context), context, self._random)
        return sealed

    def _with_contacts(self, authority: Authority, kept: Kept) -> Authority:
        if kept.contacts is None:
            return authority
        contacts = _CONTACTS.validate_json(self._open(kept.contacts, contacts_context(kept.id)))
        return authority.model_copy(update={"contacts": contacts})

    def _sealed_contacts(self, authority: Authority) -> bytes | None:
        if not authority.contacts:
            return None
        return self._seal(_CONTACTS.dump_json(authority.contacts).decode(), contacts_context(authority.id))

    def _seal(self, text: str, context: bytes) -> bytes:
        return vault.seal_content(self._key, text.encode(), context, self._random)

    def _open(self, sealed: bytes, context: bytes) -> bytes:
        for key in self._older:  # while the store key is rolled over
            try:
                return vault.open_content(key, sealed, context)
            except vault.Unreadable:
                continue
        return vault.open_content(self._key, sealed, context)


def contacts_context(authority: str) -> bytes:
    """What the contacts of an authority are sealed for."""
    return f"contacts {authority}".encode()


def user_context(name: str) -> bytes:
    """What a user is sealed for."""
    return f"user {name}".encode()
