"""The colleagues and the roster as headquarters last told them. Who is not named any more is nobody here."""

import logging

import msgspec

from agent import outbox, policy
from agent.transactions import Reading, Transaction
from domain.events import RosterSet, StaffSet
from domain.operations import PinChanged
from domain.staff import OnDuty, Staff, badge_digest

log = logging.getLogger(__name__)
_STAFF, _ROSTER = "staff", "roster"
_staff = msgspec.json.Decoder(tuple[Staff, ...])
_roster = msgspec.json.Decoder(tuple[OnDuty, ...])


def put(tx: Transaction, event: StaffSet) -> None:
    """A new PIN also ends what wrong ones had locked."""
    pins = {staff.staff_id: staff.pin for staff in everybody(tx)}
    renewed = [staff.staff_id for staff in event.staff if pins.get(staff.staff_id) != staff.pin]
    tx.db.executemany("DELETE FROM wrong_pins WHERE staff_id = ?", [(staff_id,) for staff_id in renewed])
    _keep(tx, event.staff)
    tx.note(log, "%d colleagues work here", len(event.staff))


def put_roster(tx: Transaction, event: RosterSet) -> None:
    policy.keep(tx, _ROSTER, msgspec.json.encode(event.on_duty))


def everybody(reading: Reading) -> tuple[Staff, ...]:
    """Those who may work here now."""
    body = _kept(reading, _STAFF)
    return () if body is None else tuple(staff for staff in _staff.decode(body) if staff.active)


def find(reading: Reading, staff_id: str) -> Staff | None:
    return next((staff for staff in everybody(reading) if staff.staff_id == staff_id), None) if staff_id else None


def by_badge(reading: Reading, code: str) -> Staff | None:
    digest = badge_digest(code)
    return next((staff for staff in everybody(reading) if staff.badge == digest), None)


def roster(reading: Reading) -> tuple[OnDuty, ...]:
    body = _kept(reading, _ROSTER)
    return () if body is None else _roster.decode(body)


def change_pin(tx: Transaction, staff: Staff, pin: str) -> None:
    """`pin` is its hash. It counts here at once; headquarters tells the other stores."""
    changed = msgspec.structs.replace(staff, pin=pin)
    _keep(tx, tuple(changed if one.staff_id == staff.staff_id else one for one in everybody(tx)))
    outbox.put(tx, PinChanged(staff.staff_id, pin))
    tx.note(log, "%s has another PIN", staff.staff_id)


def _keep(tx: Transaction, staff: tuple[Staff, ...]) -> None:
    policy.keep(tx, _STAFF, msgspec.json.encode(staff))


def _kept(reading: Reading, name: str) -> bytes | None:
    row = reading.db.execute("SELECT body FROM set_by_hub WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row["body"])
