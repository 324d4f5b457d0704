"""`yaolink-hub staff`, `roster` and `policy`: asked of the running hub, or else done directly, as the others are."""

import argparse
import getpass
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

from cloud import policy
from cloud.audit import OPERATOR
from cloud.commands import changing, clock, opened, running
from cloud.config import Settings
from cloud.errors import BadRoster, BadStaff
from cloud.people import desk as people
from cloud.people import pins, roster, staff, staffing
from cloud.people.api import NewPin
from cloud.people.desk import Card, Week
from cloud.people.roster import HEADQUARTERS, Ended, Shift
from cloud.people.staff import Member
from cloud.people.staffing import WantedStaff
from domain.policy import ChainPolicy
from domain.staff import Role
from domain.times import CHINA, SECOND, Millis, shown

_WHEN = "2026-11-23T08:00"


def add_parsers(of: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _add_staff(of.add_parser("staff", help="colleagues: who works where, badges and PINs"))
    _add_roster(of.add_parser("roster", help="which pharmacist is on duty where and when"))
    setting = of.add_parser("policy", help="how the chain wants its stores to work (docs/policy.md)")
    verbs = setting.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("show", help="print what is in force, in the format of the file")
    verbs.add_parser("set", help="put the policy of a TOML file in force").add_argument(
        "file", type=Path, metavar="FILE.toml"
    )


def _add_staff(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="print all colleagues")
    adding = verbs.add_parser("add", help="a new colleague, or a known one changed")
    adding.add_argument("staff", metavar="ID", help="letters, digits, . _ -")
    adding.add_argument("name", metavar="NAME", help="as it shall stand in the records")
    adding.add_argument("--role", action="append", required=True, choices=[str(role) for role in Role])
    adding.add_argument("--licence", default="", metavar="NUMBER", help="a pharmacist's 注册证号")
    whose = adding.add_mutually_exclusive_group()
    whose.add_argument("--store", action="append", metavar="STORE", help="works there (may be repeated)")
    whose.add_argument("--headquarters", action="store_true", help="works in no store")
    for verb, about in (
        ("remove", "somebody left: badge and PIN are dead"),
        ("badge", "make a new badge and print its code, this once"),
        ("pin", "set a PIN, read from the terminal or from standard input"),
    ):
        verbs.add_parser(verb, help=about).add_argument("staff", metavar="ID")


def _add_roster(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("show", help="print a week").add_argument(
        "--from", dest="begin", metavar="TIME", help=f"of the week with this time, such as {_WHEN}; default: this one"
    )
    for verb, about in (("add", "put a duty on the roster"), ("remove", "strike a duty")):
        one = verbs.add_parser(verb, help=about)
        one.add_argument("staff", metavar="ID")
        where = one.add_mutually_exclusive_group(required=True)
        where.add_argument("--store", metavar="STORE")
        where.add_argument("--headquarters", action="store_true", help="counts for every store")
        one.add_argument("--from", dest="begin", required=True, metavar="TIME", help=f"in China: {_WHEN}")
        if verb == "add":
            one.add_argument("--to", dest="end", required=True, metavar="TIME")
            one.add_argument("--weeks", type=int, default=1, metavar="N", help="again in each of so many weeks")


def run(settings: Settings, options: argparse.Namespace) -> None:
    match options.command, options.verb:
        case "staff", "list":
            _list(settings)
        case "staff", "add":
            stores = () if options.headquarters else None if options.store is None else tuple(options.store)
            roles = [str(role) for role in options.role]
            said = {"staff_id": options.staff, "name": options.name, "roles": roles, "licence": options.licence}
            _add(settings, _wanted({**said, "stores": stores}))
        case "staff", "remove":
            _remove(settings, options.staff)
        case "staff", "badge":
            _badge(settings, options.staff)
        case "staff", "pin":
            _pin(settings, options.staff)
        case "roster", "show":
            _week(settings, clock() if options.begin is None else _moment(options.begin))
        case "roster", "add":
            where = HEADQUARTERS if options.headquarters else options.store
            _on(settings, Shift(options.staff, _moment(options.begin), _moment(options.end), where, options.weeks))
        case "roster", "remove":
            where = HEADQUARTERS if options.headquarters else options.store
            _off(settings, Ended(options.staff, _moment(options.begin), where))
        case "policy", "show":
            print(policy.as_text(_policy(settings)), end="")
        case "policy", "set":
            _set_policy(settings, policy.read(options.file))


def _list(settings: Settings) -> None:
    if (hub := running(settings)) is not None:
        members = hub.get("/api/staff", tuple[Member, ...])
    else:
        with opened(settings) as database, database.read() as connection:
            members = staff.members(connection, settings.chain)
    for one in members:
        where = "every store" if one.stores is None else ", ".join(one.stores) or "headquarters"
        proofs = " ".join(name for name, is_there in (("PIN", one.pin), ("badge", one.badge)) if is_there)
        print(f"{one.staff_id}\t{one.name}\t{','.join(one.roles)}\t{where}\t{proofs or 'no PIN, no badge'}")


def _add(settings: Settings, wanted: WantedStaff) -> None:
    if (hub := running(settings)) is not None:
        hub.post("/api/staff", wanted)
    else:
        with changing(settings) as tx:
            staffing.put(tx, wanted, by=OPERATOR)
    print(f"{wanted.staff_id} is {', '.join(wanted.roles)}; a badge: yaolink-hub staff badge {wanted.staff_id}")


def _remove(settings: Settings, staff_id: str) -> None:
    if (hub := running(settings)) is not None:
        hub.post(f"/api/staff/{quote(staff_id, safe='')}/remove", {})
    else:
        with changing(settings) as tx:
            staffing.remove(tx, staff_id, by=OPERATOR)
    print(f"{staff_id} cannot sign in anywhere now; what they did keeps their name")


def _badge(settings: Settings, staff_id: str) -> None:
    if (hub := running(settings)) is not None:
        made = hub.ask(f"/api/staff/{quote(staff_id, safe='')}/badge", {}, Card)
    else:
        with changing(settings) as tx:
            made = people.card(tx, staff_id)
    print(made.code)
    print("Print it as Code 128 or QR; it is shown this once, and the last badge is dead.", file=sys.stderr)


def _pin(settings: Settings, staff_id: str) -> None:
    pin = (getpass.getpass(f"PIN of {staff_id}: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
    people.refuse(pin)
    if (hub := running(settings)) is not None:
        hub.post(f"/api/staff/{quote(staff_id, safe='')}/pin", NewPin(pin))
    else:
        kept = pins.hashed(pin)
        with changing(settings) as tx:
            staffing.set_pin(tx, staff_id, kept, by=OPERATOR)
    print(f"{staff_id} has another PIN")


def _week(settings: Settings, at: Millis) -> None:
    if (hub := running(settings)) is not None:
        found = hub.get(f"/api/roster?at={at}", Week)
    else:
        with opened(settings) as database, database.read() as connection:
            found = people.week(connection, settings.chain, people.monday(at))
    for duty in found.duties:
        until = shown(duty.ends_at, "%H:%M")
        print(f"{shown(duty.begins_at, '%Y-%m-%dT%H:%M')}–{until}\t{duty.store or 'headquarters'}\t{duty.staff_id}")
    if not found.duties:
        print(f"nobody is on the roster in the week of {shown(found.begins_at, '%Y-%m-%d')}")


def _on(settings: Settings, shift: Shift) -> None:
    if (hub := running(settings)) is not None:
        hub.post("/api/roster", shift)
    else:
        with changing(settings) as tx:
            roster.add(tx, shift, by=OPERATOR)
    print(f"{shift.staff_id} is on duty at {shift.store or 'headquarters'} then")


def _off(settings: Settings, ended: Ended) -> None:
    if (hub := running(settings)) is not None:
        hub.post("/api/roster/remove", ended)
    else:
        with changing(settings) as tx:
            roster.remove(tx, ended, by=OPERATOR)
    print(f"{ended.staff_id} is not on duty then")


def _policy(settings: Settings) -> ChainPolicy:
    if (hub := running(settings)) is not None:
        return hub.get("/api/policy", ChainPolicy)
    with opened(settings) as database, database.read() as connection:
        return policy.in_force(connection, settings.chain)


def _set_policy(settings: Settings, wanted: ChainPolicy) -> None:
    if (hub := running(settings)) is not None:
        hub.put("/api/policy", wanted)
    else:
        with changing(settings) as tx:
            policy.put(tx, wanted, by=OPERATOR)
    print("every store is told")


def _wanted(said: dict[str, object]) -> WantedStaff:
    try:
        return msgspec.convert(said, WantedStaff)
    except msgspec.ValidationError as error:
        raise BadStaff(str(error)) from error


def _moment(text: str) -> Millis:
    """As people in China write it."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp()) * SECOND
    except ValueError as error:
        raise BadRoster(f"{text!r} is no time", hint=f"such as {_WHEN}") from error
