"""Colleagues come, change and go. Each store is told of its own, with what proves them: the hash of a PIN, the digest
of a badge. Who leaves keeps the name on what they did, and nothing else."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from cloud import audit, catalogue, tables
from cloud.agents import Agent
from cloud.eventlog import append
from cloud.people import roster, staff
from cloud.transaction import Transaction
from cloud.upsert import upsert
from domain.codes import badge_text
from domain.events import StaffSet, store_log
from domain.operations import PinChanged
from domain.proofs import is_pin_hash
from domain.staff import Role, badge_digest

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class WantedStaff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A colleague, new or changed. `stores` null: every store, new ones too; empty: at headquarters only."""

    staff_id: Id
    name: Name
    roles: Annotated[tuple[Role, ...], msgspec.Meta(min_length=1)]
    licence: Annotated[str, msgspec.Meta(max_length=64)] = ""
    stores: tuple[Name, ...] | None = None


def put(tx: Transaction, wanted: WantedStaff, *, by: str) -> None:
    """PIN and badge stay what they were. Raises `UnknownStore`."""
    before = staff.stores_of(tx.connection, tx.chain, wanted.staff_id)
    after = _known(tx, wanted.stores)
    roles = ",".join(dict.fromkeys(wanted.roles))
    said = {"name": wanted.name, "roles": roles, "licence": wanted.licence}
    upsert(tx, tables.staff, {"staff_id": wanted.staff_id}, {**said, "active": 1})
    s = tables.staff_stores.c
    tx.connection.execute(
        tables.staff_stores.delete().where(s.chain == tx.chain, s.staff_id == wanted.staff_id, s.store.not_in(after))
    )
    for store in sorted(after - before):
        tx.connection.execute(
            tables.staff_stores.insert().values(chain=tx.chain, store=store, staff_id=wanted.staff_id)
        )
    audit.append(tx, "", by, "staff.put", wanted.staff_id, f"{roles} at {_named(after)}")
    roster.strike_unfit(tx, wanted.staff_id)
    _tell(tx, before | after)


def remove(tx: Transaction, staff_id: str, *, by: str) -> None:
    """Badge and PIN are dead wherever the store is in contact. Raises `UnknownStaff`."""
    staff.find(tx.connection, tx.chain, staff_id)
    before = staff.stores_of(tx.connection, tx.chain, staff_id)
    _set(tx, staff_id, active=0, pin="", badge="")
    s = tables.staff_stores.c
    tx.connection.execute(tables.staff_stores.delete().where(s.chain == tx.chain, s.staff_id == staff_id))
    audit.append(tx, "", by, "staff.removed", staff_id)
    roster.strike_unfit(tx, staff_id)
    _tell(tx, before)


def new_badge(tx: Transaction, staff_id: str, *, by: str) -> str:
    """The code of a new card, shown this once; the last one is dead. Raises `UnknownStaff`."""
    code = badge_text(tx.randomness)
    give_badge(tx, staff_id, code, by=by)
    return code


def give_badge(tx: Transaction, staff_id: str, code: str, *, by: str) -> None:
    """Raises `UnknownStaff`."""
    staff.find(tx.connection, tx.chain, staff_id)
    _set(tx, staff_id, badge=badge_digest(code))
    audit.append(tx, "", by, "staff.badge", staff_id)
    _tell(tx, staff.stores_of(tx.connection, tx.chain, staff_id))


def set_pin(tx: Transaction, staff_id: str, pin: str, *, by: str) -> None:
    """`pin` is its hash. What wrong ones had locked is open again. Raises `UnknownStaff`."""
    staff.find(tx.connection, tx.chain, staff_id)
    _set(tx, staff_id, pin=pin)
    w = tables.wrong_pins.c
    tx.connection.execute(tables.wrong_pins.delete().where(w.chain == tx.chain, w.staff_id == staff_id))
    audit.append(tx, "", by, "staff.pin", staff_id)
    _tell(tx, staff.stores_of(tx.connection, tx.chain, staff_id))


def pin_changed(tx: Transaction, agent: Agent, fact: PinChanged) -> None:
    """A colleague chose another PIN in a store; nobody's, who does not work there, is changed from there."""
    works_there = staff.stores_of(tx.connection, tx.chain, fact.staff_id) & {staff.EVERY_STORE, agent.store}
    if works_there and is_pin_hash(fact.pin):
        set_pin(tx, fact.staff_id, fact.pin, by=agent.device)
    else:
        audit.append(tx, agent.store, agent.device, "staff.pin_refused", fact.staff_id)


def tell(tx: Transaction, store: str) -> None:
    """A new store, if anybody works there."""
    if known := staff.of_store(tx.connection, tx.chain, store):
        append(tx, store_log(store), StaffSet(known))


def _tell(tx: Transaction, stores: Iterable[str]) -> None:
    named = set(stores)
    for store in catalogue.stores(tx) if staff.EVERY_STORE in named else sorted(named):
        append(tx, store_log(store), StaffSet(staff.of_store(tx.connection, tx.chain, store)))


def _set(tx: Transaction, staff_id: str, **values: str | int) -> None:
    s = tables.staff.c
    tx.connection.execute(tables.staff.update().where(s.chain == tx.chain, s.staff_id == staff_id).values(**values))


def _known(tx: Transaction, stores: tuple[str, ...] | None) -> set[str]:
    return {staff.EVERY_STORE} if stores is None else {catalogue.store(tx, store).store for store in stores}


def _named(stores: Iterable[str]) -> str:
    return ", ".join(store or "every store" for store in sorted(stores)) or "headquarters"
