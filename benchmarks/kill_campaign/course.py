"""One run: trouble while people work, then peace, then waiting until nothing moves, then the check."""

import contextlib
import io
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.kill_campaign.checker import Findings, Told, check
from benchmarks.kill_campaign.field import Field
from benchmarks.kill_campaign.records import heads, of_hub, of_store, reading
from benchmarks.kill_campaign.trouble import Strikes, Weather
from cloud import commands, config
from tests.history import checks as history
from tests.history import files
from tests.history.checks import History, Record

CONVERGED_WITHIN_S = 120.0
_PEACE_S = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    findings: Findings
    converged_s: float | None
    struck: dict[str, int]


def run(field: Field, seed: int, *, kills: int, per_second: float, pause_s: tuple[float, float]) -> Outcome:
    field.work(per_second)
    weather = [Weather(shop.line, seed + place) for place, shop in enumerate(field.shops)]
    strikes = Strikes(field, seed, pause_s)
    for each in weather:
        each.start()
    try:
        strikes.until(kills)
    finally:
        for each in weather:
            each.stop()
    converged_s = come_to_rest(field)
    struck = sum((shop.line.struck for shop in field.shops), strikes.struck)
    return Outcome(judged(field, converged_s), converged_s, dict(struck))


def come_to_rest(field: Field) -> float | None:
    """Buyers have their answers, people finish; returns the seconds until nothing was under way, None if that never
    came."""
    began = time.monotonic()
    field.buyers.stop()
    for clerk in field.clerks:
        clerk.only_finish()
    while left := under_way(field):
        if time.monotonic() - began > CONVERGED_WITHIN_S:
            print(f"not at rest: {left}", file=sys.stderr)
            return None
        time.sleep(_PEACE_S)
    return time.monotonic() - began


def under_way(field: Field) -> str:
    """In words; empty when everything is at rest."""
    at_hub = heads(field.hub_file)
    for shop in field.shops:
        with reading(shop.work) as db:
            for what, query in _UNDER_WAY.items():
                if count := db.execute(query).fetchone()[0]:
                    return f"{count} {what} in {shop.name}"
        for file in (shop.work, shop.cache):
            with reading(file) as db:
                for log, log_id, seq in db.execute("SELECT log, log_id, seq FROM cursors").fetchall():
                    if at_hub.get(log) != (log_id, seq):
                        return f"{shop.name} at {seq} of {log}, the hub at {at_hub.get(log)}"
    return ""


_UNDER_WAY = {
    "operations unsent": "SELECT count(*) FROM outbox WHERE state = 'pending'",
    "slips under way": "SELECT count(*) FROM slips WHERE state IN ('accepted', 'held', 'not_printed', 'sending',"
    " 'confirming')",
    # Of an order that has left the house nobody asks whether its last paper came out.
    "slips of unknown fate": "SELECT count(*) FROM slips JOIN orders USING (order_id)"
    " WHERE slips.state = 'unknown' AND closed_at IS NULL",
    "orders open": "SELECT count(*) FROM orders WHERE state IN ('placed', 'accepted', 'picked')",
}


def judged(field: Field, converged_s: float | None) -> Findings:
    """After every program has ended in good order."""
    field.leave()
    for life in reversed(field.lives):
        life.end()
    told = [
        Told(ear.verdicts, clerk.sold, clerk.handed_over, tuple(clerk.counted))
        for clerk, ear in zip(field.clerks, field.ears, strict=True)
    ]
    stores = [of_store(shop.name, shop.work) for shop in field.shops]
    found = check(field.wanted, field.buyers.ledger, of_hub(field.hub_file), stores, told, field.papers.all())
    for each in history.check(History(records(field, converged_s))):
        found.count(each.fault.value, [each.what], each.check)
    _audit(found, field)
    return found


def records(field: Field, converged_s: float | None) -> Iterator[Record]:
    """The run's history."""
    yield {"kind": "converged", "t": 0.0, "seconds": converged_s}
    yield from ({"kind": "told", "t": 0.0, "channel": "own", "order": each} for each in field.buyers.ledger.answered)
    yield from field.watch.seen
    yield from files.of_hub(field.hub_file)
    for shop in field.shops:
        yield from files.of_agent(shop.name, shop.work, shop.cache)


def _audit(found: Findings, field: Field) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        proven = commands.verify_audit(config.load(field.hub.config))
    if proven != 0:
        found.count("diverged", [said.getvalue()], "yaolink-hub audit verify")
