"""The chain's colleagues as they are kept: who they are, what each may do, and in which stores.

`cloud.people.staffing` changes it.
"""

import msgspec
from sqlalchemy import Connection, Row, select

from cloud import tables
from cloud.errors import UnknownStaff
from domain.staff import Role, Staff, badge_digest

EVERY_STORE = ""
"""In `staff_stores`: one row for whoever works in all of them."""


class Member(msgspec.Struct, frozen=True):
    """A colleague as headquarters' people see them: whether there is a PIN and a badge, never which."""

    staff_id: str
    name: str
    roles: tuple[Role, ...]
    licence: str
    stores: tuple[str, ...] | None
    pin: bool
    badge: bool


def members(connection: Connection, chain: str) -> tuple[Member, ...]:
    """All who are active, by name."""
    s, of = tables.staff.c, tables.staff_stores.c
    stores: dict[str, list[str]] = {}
    for staff_id, store in connection.execute(
        select(of.staff_id, of.store).where(of.chain == chain).order_by(of.staff_id, of.store)
    ):
        stores.setdefault(staff_id, []).append(store)
    rows = connection.execute(select(tables.staff).where(s.chain == chain, s.active == 1).order_by(s.staff_id))
    return tuple(_member(row, stores.get(row.staff_id, [])) for row in rows)


def find(connection: Connection, chain: str, staff_id: str) -> Staff:
    """Raises `UnknownStaff`, of who left too."""
    s = tables.staff.c
    query = select(tables.staff).where(s.chain == chain, s.staff_id == staff_id, s.active == 1)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownStaff(f"no colleague {staff_id!r}", hint="yaolink-hub staff list")
    return _staff(row)


def by_badge(connection: Connection, chain: str, code: str) -> Staff | None:
    s = tables.staff.c
    query = select(tables.staff).where(s.chain == chain, s.badge == badge_digest(code), s.active == 1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _staff(row)


def works_in(connection: Connection, chain: str, staff_id: str, store: str) -> bool:
    of = tables.staff_stores.c
    query = select(of.store).where(of.chain == chain, of.staff_id == staff_id, of.store.in_([store, EVERY_STORE]))
    return connection.execute(query).first() is not None


def of_store(connection: Connection, chain: str, store: str) -> tuple[Staff, ...]:
    s, of = tables.staff.c, tables.staff_stores.c
    query = (
        select(tables.staff)
        .join(tables.staff_stores, (of.chain == s.chain) & (of.staff_id == s.staff_id))
        .where(s.chain == chain, of.store.in_([store, EVERY_STORE]), s.active == 1)
        .order_by(s.staff_id)
    )
    return tuple(_staff(row) for row in connection.execute(query))


def stores_of(connection: Connection, chain: str, staff_id: str) -> set[str]:
    of = tables.staff_stores.c
    return set(connection.execute(select(of.store).where(of.chain == chain, of.staff_id == staff_id)).scalars())


def _roles(row: "Row[*tuple[object, ...]]") -> tuple[Role, ...]:
    return tuple(Role(role) for role in row.roles.split(","))


def _staff(row: "Row[*tuple[object, ...]]") -> Staff:
    return Staff(row.staff_id, row.name, _roles(row), row.pin, row.badge, row.licence)


def _member(row: "Row[*tuple[object, ...]]", stores: list[str]) -> Member:
    where = None if EVERY_STORE in stores else tuple(stores)
    return Member(row.staff_id, row.name, _roles(row), row.licence, where, bool(row.pin), bool(row.badge))
