"""Who works here, as a page shows it: nothing of what proves them."""

import msgspec

from agent.staff import colleagues, duty, stations
from agent.transactions import Reading
from domain.staff import Actor, OnDuty, Role


class Colleague(msgspec.Struct, frozen=True):
    """One who may sign in. `pin`: with a PIN; otherwise with a badge only."""

    staff_id: str
    name: str
    roles: tuple[Role, ...]
    pin: bool
    on_duty: bool


class StaffView(msgspec.Struct, frozen=True):
    """`actor`: who works at the asking station. `needed`: nobody picks there before signing in. `scanners`: who is
    signed in with a scanner."""

    actor: Actor
    needed: bool
    staff: tuple[Colleague, ...]
    on_duty: tuple[OnDuty, ...]
    remote: tuple[OnDuty, ...]
    next_here: OnDuty | None
    scanners: tuple[Actor, ...]

    @property
    def pharmacists(self) -> tuple[Colleague, ...]:
        return tuple(one for one in self.staff if Role.PHARMACIST in one.roles)


def view(reading: Reading, station: str) -> StaffView:
    who, on_duty = stations.actor(reading, station), duty.on_duty(reading)
    present = {one.staff_id for one in on_duty}
    return StaffView(
        actor=who,
        needed=stations.must_sign_in(reading, who),
        staff=tuple(
            Colleague(staff.staff_id, staff.name, staff.roles, bool(staff.pin), staff.staff_id in present)
            for staff in colleagues.everybody(reading)
        ),
        on_duty=on_duty,
        remote=duty.remote(reading),
        next_here=duty.next_here(reading),
        scanners=stations.at_scanners(reading),
    )
