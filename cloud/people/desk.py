"""What headquarters does about its people, without any HTTP: colleagues, roster, policy. The API, the page and, while
the hub runs, the commands are faces of it."""

from datetime import datetime, timedelta
from functools import partial

import msgspec
from sqlalchemy import Connection

from cloud import policy
from cloud.audit import OPERATOR
from cloud.errors import BadPin
from cloud.pages import symbols
from cloud.people import pins, roster, staff, staffing
from cloud.people.roster import Ended, Present, Shift
from cloud.people.staff import Member
from cloud.people.staffing import WantedStaff
from cloud.transaction import Transaction
from cloud.writer import Writer
from domain.policy import ChainPolicy
from domain.proofs import pin_flaw
from domain.staff import OnDuty
from domain.times import CHINA, DAY, SECOND, Clock, Millis


class Card(msgspec.Struct, frozen=True):
    """A new badge, shown this once; `bars` and `qr` are SVG pictures of `code`."""

    staff_id: str
    name: str
    code: str
    bars: str
    qr: str


class Week(msgspec.Struct, frozen=True):
    """Seven days from a Monday 00:00 in China on, and the last word of those who came and went by themselves."""

    begins_at: Millis
    duties: tuple[OnDuty, ...]
    present: tuple[Present, ...]

    @property
    def days(self) -> tuple[Millis, ...]:
        return tuple(self.begins_at + day * DAY for day in range(7))


class People:
    def __init__(self, writer: Writer, chain: str, clock: Clock) -> None:
        self._writer, self._chain, self._clock = writer, chain, clock

    async def members(self) -> tuple[Member, ...]:
        return await self._writer.read(partial(staff.members, chain=self._chain))

    async def put(self, wanted: WantedStaff) -> None:
        """Raises `UnknownStore`."""
        await self._writer.run(partial(staffing.put, wanted=wanted, by=OPERATOR))

    async def remove(self, staff_id: str) -> None:
        """Raises `UnknownStaff`."""
        await self._writer.run(partial(staffing.remove, staff_id=staff_id, by=OPERATOR))

    async def new_badge(self, staff_id: str) -> Card:
        """Raises `UnknownStaff`."""
        return await self._writer.run(partial(card, staff_id=staff_id))

    async def set_pin(self, staff_id: str, pin: str) -> None:
        """Raises `UnknownStaff`, `BadPin`."""
        refuse(pin)
        kept = await pins.hash_aside(pin)
        await self._writer.run(partial(staffing.set_pin, staff_id=staff_id, pin=kept, by=OPERATOR))

    async def week(self, at: Millis | None = None) -> Week:
        """The one in which that instant lies; this one for None."""
        begins_at = monday(self._clock() if at is None else at)
        return await self._writer.read(partial(week, chain=self._chain, begins_at=begins_at))

    async def add_shift(self, shift: Shift) -> None:
        """Raises `BadRoster`, `UnknownStaff`, `UnknownStore`."""
        await self._writer.run(partial(roster.add, shift=shift, by=OPERATOR))

    async def remove_shift(self, ended: Ended) -> None:
        """Raises `BadRoster`."""
        await self._writer.run(partial(roster.remove, ended=ended, by=OPERATOR))

    async def policy(self) -> ChainPolicy:
        return await self._writer.read(partial(policy.in_force, chain=self._chain))

    async def set_policy(self, wanted: ChainPolicy) -> None:
        """Raises `BadPolicy`."""
        await self._writer.run(partial(policy.put, policy=wanted, by=OPERATOR))


def refuse(pin: str) -> None:
    if flaw := pin_flaw(pin):
        raise BadPin(flaw)


def card(tx: Transaction, staff_id: str) -> Card:
    """Raises `UnknownStaff`."""
    known = staff.find(tx.connection, tx.chain, staff_id)
    code = staffing.new_badge(tx, staff_id, by=OPERATOR)
    return Card(staff_id, known.name, code, symbols.bars(code), symbols.qr(code))


def week(connection: Connection, chain: str, begins_at: Millis) -> Week:
    duties = roster.between(connection, chain, begins_at, begins_at + 7 * DAY)
    return Week(begins_at, duties, roster.presence(connection, chain))


def monday(at: Millis) -> Millis:
    day = datetime.fromtimestamp(at / SECOND, CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((day - timedelta(days=day.weekday())).timestamp()) * SECOND
