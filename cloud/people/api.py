"""Colleagues, roster and policy in the operator's API. Nothing of it answers with a hash; a badge is shown once."""

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from cloud import policy
from cloud.people.desk import Card, People, Week
from cloud.people.roster import Ended, Shift
from cloud.people.staff import Member
from cloud.people.staffing import WantedStaff
from domain.policy import ChainPolicy
from domain.proofs import Text
from domain.times import Millis

AtPeople = NamedDependency[People]


class NewPin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pin: Text

    def __repr__(self) -> str:
        return "NewPin(…)"


@get("/staff")
async def members(people: AtPeople) -> tuple[Member, ...]:
    return await people.members()


@post("/staff", status_code=204)
async def put_staff(people: AtPeople, data: JSONBody[WantedStaff]) -> None:
    """New or changed; badge and PIN stay."""
    await people.put(data)


@post("/staff/{staff_id:str}/remove", status_code=204)
async def remove_staff(people: AtPeople, staff_id: FromPath[str]) -> None:
    await people.remove(staff_id)


@post("/staff/{staff_id:str}/badge", status_code=200)
async def new_badge(people: AtPeople, staff_id: FromPath[str]) -> Card:
    return await people.new_badge(staff_id)


@post("/staff/{staff_id:str}/pin", status_code=204)
async def set_pin(people: AtPeople, staff_id: FromPath[str], data: JSONBody[NewPin]) -> None:
    await people.set_pin(staff_id, data.pin)


@get("/roster")
async def roster(people: AtPeople, at: FromQuery[Millis | None] = None) -> Week:
    """The week in which that instant lies."""
    return await people.week(at)


@post("/roster", status_code=204)
async def add_shift(people: AtPeople, data: JSONBody[Shift]) -> None:
    await people.add_shift(data)


@post("/roster/remove", status_code=204)
async def remove_shift(people: AtPeople, data: JSONBody[Ended]) -> None:
    await people.remove_shift(data)


@get("/policy")
async def policy_now(people: AtPeople) -> ChainPolicy:
    return await people.policy()


@put("/policy", status_code=204)
async def set_policy(people: AtPeople, data: JSONBody[dict[str, object]]) -> None:
    """The whole of it; what is not named is as it comes."""
    await people.set_policy(policy.parse(data))


HANDLERS = [
    *(members, put_staff, remove_staff, new_badge, set_pin),
    *(roster, add_shift, remove_shift),
    *(policy_now, set_policy),
]
