"""One run: trouble while people work, then peace, then waiting until nothing moves, then the check."""

import contextlib
import io
import time
from dataclasses import dataclass

from benchmarks.kill_campaign.checker import Findings, Told, check
from benchmarks.kill_campaign.field import Field
from benchmarks.kill_campaign.records import HubRecords, StoreRecords, of_hub, of_store, reading
from benchmarks.kill_campaign.trouble import Strikes, Weather
from cloud import commands, config

CONVERGED_WITHIN_S = 120.0
_PEACE_S = 0.2


class NotAtRest(AssertionError):
    """Something is still under way long after the last fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    findings: Findings
    converged_s: float
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
    struck = strikes.struck + sum((shop.line.struck for shop in field.shops), type(strikes.struck)())
    return Outcome(judged(field), converged_s, dict(struck))


def come_to_rest(field: Field) -> float:
    """Buyers have their answers, people finish; returns the seconds until nothing was under way. Raises NotAtRest."""
    began = time.monotonic()
    field.buyers.stop()
    for clerk in field.clerks:
        clerk.only_finish()
    while left := under_way(field):
        if time.monotonic() - began > CONVERGED_WITHIN_S:
            raise NotAtRest(f"after {CONVERGED_WITHIN_S:.0f} s there is still: {left}")
        time.sleep(_PEACE_S)
    return time.monotonic() - began


def under_way(field: Field) -> str:
    """In words; empty when everything is at rest."""
    hub = of_hub(field.hub_file)
    for shop in field.shops:
        with reading(shop.work) as db:
            for what, query in _UNDER_WAY.items():
                if count := db.execute(query).fetchone()[0]:
                    return f"{count} {what} in {shop.name}"
            for log, log_id, seq in db.execute("SELECT log, log_id, seq FROM cursors").fetchall():
                if hub.heads.get(log) != (log_id, seq):
                    return f"{shop.name} at {seq} of {log}, the hub at {hub.heads.get(log)}"
    return ""


_UNDER_WAY = {
    "operations unsent": "SELECT count(*) FROM outbox WHERE state = 'pending'",
    "slips under way": "SELECT count(*) FROM slips WHERE state IN ('accepted', 'held', 'not_printed', 'sending',"
    " 'confirming', 'unknown')",
    "orders open": "SELECT count(*) FROM orders WHERE state IN ('placed', 'accepted', 'picked')",
}


def judged(field: Field) -> Findings:
    """After every program has ended in good order."""
    field.leave()
    for life in reversed(field.lives):
        life.end()
    hub, stores = records(field)
    told = [
        Told.to(clerk, shop.name, ear.verdicts)
        for clerk, shop, ear in zip(field.clerks, field.shops, field.ears, strict=True)
    ]
    found = check(field.wanted, field.buyers.ledger, hub, stores, told, field.papers.all())
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        proven = commands.verify_audit(config.load(field.hub.config))
    if proven != 0:
        found.count("diverged", [said.getvalue()], "yaolink-hub audit verify")
    return found


def records(field: Field) -> tuple[HubRecords, list[StoreRecords]]:
    return of_hub(field.hub_file), [of_store(shop.name, shop.work) for shop in field.shops]
