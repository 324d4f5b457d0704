"""The pages about headquarters' people: who works where, who is on duty, and cards to print."""

from datetime import date, datetime

from litestar import get
from litestar.params import FromQuery

from cloud.operator_api import AtDesk
from cloud.pages import symbols
from cloud.pages.handlers import AnyRequest, Page, page
from cloud.people.api import AtPeople
from domain.codes import Command
from domain.staff import Role
from domain.times import CHINA, SECOND, Millis

_CARDS = {
    Command.UNDO: ("撤销", "Undo the last pack"),
    Command.NEXT: ("下一单", "Take the next order"),
    Command.DONE: ("完成", "Pack, or hand over"),
    Command.OUT: ("退出登录", "Sign out"),
}


@get("/staff", include_in_schema=False)
async def staff(request: AnyRequest, desk: AtDesk, people: AtPeople, week: FromQuery[str] = "") -> Page:
    """`week`: a day in it, as 2026-11-23."""
    return await page(
        request,
        desk,
        "staff.html",
        members=await people.members(),
        week=await people.week(_in_week(week)),
        stores=await desk.stores(),
        roles=list(Role),
    )


@get("/staff/cards", include_in_schema=False)
async def cards(request: AnyRequest, desk: AtDesk) -> Page:
    """The command cards that hang at every counter."""
    made = [(command, *words, symbols.bars(command), symbols.qr(command)) for command, words in _CARDS.items()]
    return await page(request, desk, "cards.html", cards=made)


def _in_week(day: str) -> Millis | None:
    """In China; None for what is no day."""
    try:
        return int(datetime.combine(date.fromisoformat(day), datetime.min.time(), CHINA).timestamp()) * SECOND
    except ValueError:
        return None


PAGES = [staff, cards]
