"""Whether a pharmacist is here, and what may be done while none is (`domain.policy.WithoutPharmacist`)."""

import msgspec

from agent import policy
from agent.prescriptions import reviewing
from agent.staff import duty
from agent.transactions import Reading
from domain.policy import WithoutPharmacist
from domain.staff import OnDuty


class Attendance(msgspec.Struct, frozen=True):
    """`here` and `remote` are on duty now, `next_here` will be. `waiting` prescriptions want a review; `ways` are the
    chain's for the time when nobody is here."""

    here: tuple[OnDuty, ...]
    remote: tuple[OnDuty, ...]
    next_here: OnDuty | None
    ways: tuple[WithoutPharmacist, ...]
    waiting: int

    @property
    def wanted(self) -> bool:
        """Somebody must be told that nobody is here."""
        return not self.here and self.waiting > 0

    def allows(self, way: WithoutPharmacist) -> bool:
        return not self.here and way in self.ways


def attendance(reading: Reading) -> Attendance:
    return Attendance(
        here=duty.on_duty(reading),
        remote=duty.remote(reading),
        next_here=duty.next_here(reading),
        ways=policy.in_force(reading).without_pharmacist,
        waiting=len(reviewing.waiting(reading)),
    )
