"""The demo's colleagues: known badges and PINs, so that whoever tries the product can be any of them.

Nobody need sign in to pick here; approvals ask who it is. S001 has a pharmacist at any hour, S002 by day only.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from cloud import commands, config
from cloud.pages import symbols
from cloud.people import pins, roster, staff, staffing
from cloud.people.desk import monday
from cloud.people.roster import Shift
from cloud.people.staffing import WantedStaff
from cloud.transaction import Transaction
from domain.codes import Command
from domain.staff import Role
from domain.times import DAY, HOUR

BY = "demo"


class Person(msgspec.Struct, frozen=True):
    staff_id: str
    name: str
    roles: tuple[Role, ...]
    store: str
    pin: str
    badge: str
    begins: int = 0
    ends: int = 0
    """Hours of the day, of a pharmacist's duty."""
    licence: str = ""
    """A pharmacist's 注册证号: without one no approval counts."""


PEOPLE = (
    Person("zhang", "张拣", (Role.PICKER,), "S001", "270101", "YBDEM0P1CKER01"),
    Person("chen", "陈复核", (Role.PICKER, Role.CHECKER), "S001", "270202", "YBDEM0CHECK001"),
    Person("wang", "王药师", (Role.PHARMACIST,), "S001", "270303", "YBDEM0PHARM001", 0, 24, "ZY0000001"),
    Person("zhao", "赵店长", (Role.MANAGER, Role.PICKER), "S001", "270404", "YBDEM0MANAGE01"),
    Person("qian", "钱拣", (Role.PICKER,), "S002", "270505", "YBDEM0P1CKER02"),
    Person("sun", "孙药师", (Role.PHARMACIST, Role.CHECKER), "S002", "270606", "YBDEM0PHARM002", 8, 20, "ZY0000002"),
)
WORDS = {Role.PICKER: "拣货员", Role.CHECKER: "复核员", Role.PHARMACIST: "药师", Role.MANAGER: "店长"}


def employ(hub: Path, stores: Iterable[str]) -> None:
    """Before the hub starts: whoever is missing, and this week's and next week's duties. Nobody is changed who is
    there already."""
    of_stores = set(stores)
    people = [person for person in PEOPLE if person.store in of_stores]
    with commands.changing(config.load(hub)) as tx:
        known = {member.staff_id for member in staff.members(tx.connection, tx.chain)}
        for person in people:
            if person.staff_id not in known:
                _employ(tx, person)
        for person in people:
            if person.ends:
                _on_duty(tx, person)


def _employ(tx: Transaction, person: Person) -> None:
    wanted = WantedStaff(person.staff_id, person.name, person.roles, person.licence, stores=(person.store,))
    staffing.put(tx, wanted, by=BY)
    staffing.give_badge(tx, person.staff_id, person.badge, by=BY)
    staffing.set_pin(tx, person.staff_id, pins.hashed(person.pin), by=BY)


def _on_duty(tx: Transaction, person: Person) -> None:
    begin = monday(tx.now)
    there = {duty.begins_at for duty in roster.between(tx.connection, tx.chain, begin, begin + 14 * DAY)}
    for day in range(7):
        begins_at = begin + day * DAY + person.begins * HOUR
        if begins_at + 7 * DAY not in there:
            shift = Shift(person.staff_id, begins_at, begin + day * DAY + person.ends * HOUR, person.store, weeks=2)
            roster.add(tx, shift, by=BY)


def cards_page(people: Iterable[Person] = PEOPLE) -> str:
    """To be scanned from the screen, or printed."""
    badges = "".join(
        _card(f"{one.name} · {'、'.join(WORDS[role] for role in one.roles)}", f"{one.store} · PIN {one.pin}", one.badge)
        for one in people
    )
    commands = "".join(_card(name, "", command) for name, command in _COMMANDS.items())
    return _PAGE.format(badges=badges, commands=commands)


_COMMANDS = {
    "撤销 Undo": Command.UNDO,
    "下一单 Next order": Command.NEXT,
    "完成 Done": Command.DONE,
    "退出登录 Sign out": Command.OUT,
}


def _card(title: str, about: str, code: str) -> str:
    return f"<figure><h2>{title}</h2><p>{about}</p>{symbols.bars(code)}{symbols.qr(code)}<p>{code}</p></figure>"


_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>工牌 · cards</title>
<style>body{{font:16px/1.4 system-ui,sans-serif;background:#e8e6e1;margin:2rem;display:grid;gap:1rem;
grid-template-columns:repeat(auto-fill,minmax(330px,1fr))}}h1{{grid-column:1/-1;margin:0}}
figure{{margin:0;padding:1rem;background:#fff;border-radius:8px}}h2,p{{margin:0}}
svg{{display:block}}svg:first-of-type{{width:100%;height:60px}}svg:last-of-type{{width:110px}}</style>
<h1>演示员工的工牌 · badges of the demo's people</h1>{badges}<h1>指令卡 · command cards</h1>{commands}</html>"""
