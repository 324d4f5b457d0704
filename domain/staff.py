"""The people who work in a store, and what each may do (GSP asks for a name behind every step: facts/compliance.md §4).

A colleague's name is part of the proof and travels in events and trails; a customer's never does.
"""

import hashlib
from enum import StrEnum

import msgspec


class Role(StrEnum):
    PICKER = "picker"
    CHECKER = "checker"
    PHARMACIST = "pharmacist"
    MANAGER = "manager"


class Staff(msgspec.Struct, frozen=True):
    """One colleague as headquarters knows them. `pin` is an argon2id hash in PHC form, `badge` the `badge_digest` of
    the code on the card; empty: cannot sign in that way. `licence` is a pharmacist's 注册证号."""

    staff_id: str
    name: str
    roles: tuple[Role, ...]
    pin: str = ""
    badge: str = ""
    licence: str = ""
    active: bool = True

    def may(self, role: Role) -> bool:
        return self.active and role in self.roles


class Actor(msgspec.Struct, frozen=True):
    """Who does something, and where. `staff_id` is empty while nobody is signed in at the station."""

    station: str
    """A page of the store (`page:…`) or a scanner's identity."""
    staff_id: str = ""
    name: str = ""
    roles: tuple[Role, ...] = ()

    def may(self, role: Role) -> bool:
        return role in self.roles


class OnDuty(msgspec.Struct, frozen=True):
    """A pharmacist's time of duty (值班). `store` empty: at headquarters, for every store."""

    staff_id: str
    name: str
    begins_at: int
    """Milliseconds UTC."""
    ends_at: int
    store: str = ""

    def covers(self, at: int) -> bool:
        return self.begins_at <= at < self.ends_at


def badge_digest(code: str) -> str:
    """What is kept of a badge: its code has 60 random bits, so that a plain hash gives nothing away. Scanners with
    caps lock change the case, never the code."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()
