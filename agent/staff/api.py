"""Staff over the local API: who may sign in, who is, and whose duty it is. No hash and no badge ever leaves here."""

import re
from collections.abc import Callable

import msgspec
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from agent.errors import NotPermitted, WorkRefused
from agent.parts import Parts
from agent.staff import colleagues, duty, pins, stations
from agent.staff.proving import prove
from agent.staff.view import StaffView, view
from agent.transactions import Transaction
from domain.proofs import Proof, Text, pin_flaw
from domain.staff import Role

Station = NamedDependency[str]
"""Of a request: give a handler's parameter the name `station`."""
_TAB = re.compile(r"page:[0-9A-Za-z]{1,16}", re.ASCII)


class BadPin(WorkRefused):
    """Nobody may have this PIN."""


class SignInBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    proof: Proof


class PinBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`proof` is what was so far."""

    proof: Proof
    pin: Text

    def __repr__(self) -> str:
        return f"PinBody({self.proof!r}, …)"


class DutyBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`present` null: who is on duty goes, who is not comes."""

    proof: Proof
    present: bool | None = None


def station_of(request: Request[object, object, State]) -> str:
    """Which tab asks. One that does not say is the nameless page."""
    said = request.headers.get("x-yaolink-station", "")
    return said if _TAB.fullmatch(said) else stations.PAGE


@get("/api/staff")
async def get_staff(parts: NamedDependency[Parts], station: Station) -> StaffView:
    return await parts.work.aread(lambda reading: view(reading, station))


@post("/api/staff/sign-in", status_code=200)
async def sign_in(parts: NamedDependency[Parts], station: Station, data: JSONBody[SignInBody]) -> StaffView:
    staff = await prove(parts, data.proof)
    return await _then(parts, station, lambda tx: stations.sign_in(tx, staff, station))


@post("/api/staff/sign-out", status_code=200)
async def sign_out(parts: NamedDependency[Parts], station: Station) -> StaffView:
    return await _then(parts, station, lambda tx: stations.sign_out(tx, station))


@post("/api/staff/pin", status_code=200)
async def change_pin(parts: NamedDependency[Parts], station: Station, data: JSONBody[PinBody]) -> StaffView:
    if flaw := pin_flaw(data.pin):
        raise BadPin(flaw)
    staff = await prove(parts, data.proof)
    if staff.pin and data.proof.badge:
        raise NotPermitted("请输入原密码", hint="忘记密码请总部重设")
    made = await pins.hashed(data.pin)
    return await _then(parts, station, lambda tx: colleagues.change_pin(tx, staff, made))


@post("/api/duty", status_code=200)
async def change_duty(parts: NamedDependency[Parts], station: Station, data: JSONBody[DutyBody]) -> StaffView:
    staff = await prove(parts, data.proof, Role.PHARMACIST)
    return await _then(parts, station, lambda tx: duty.change(tx, staff, present=data.present))


async def _then(parts: Parts, station: str, step: Callable[[Transaction], None]) -> StaffView:
    def both(tx: Transaction) -> StaffView:
        step(tx)
        return view(tx, station)

    return await parts.work.awrite(both)


HANDLERS = [get_staff, sign_in, sign_out, change_pin, change_duty]
