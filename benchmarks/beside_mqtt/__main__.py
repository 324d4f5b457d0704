"""Our hub beside Mosquitto with QoS 1 and persistent sessions: the same orders to as many subscribers, in one run.

`python -m benchmarks.beside_mqtt [--short] [--json]`. First one order after the other, handed to each server in turn:
how long from handing it over until its store's subscriber has it, and what a connected subscriber costs the server.
Then orders to all servers at once, while servers and subscribers are killed (kill -9) at the same moments: of what a
server said it had taken, how much did its subscribers never apply, and how much twice?

Mosquitto runs twice: `mqtt_…` with the most durable settings it has, `mqtt_shipped_…` as Debian ships it (broker.py).
Both save their data, and send at once (TCP_NODELAY). Subscribers apply into SQLite (`synchronous=FULL`) before they
acknowledge. Ours keep their cursor there, as docs/protocol.md has it. Those of MQTT apply what they are given: QoS 1
tells them no more.
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks import crowd, figures
from benchmarks.beside_mqtt.feeding import Feeding
from benchmarks.beside_mqtt.field import OURS, Field, Side, standing
from benchmarks.beside_mqtt.ledger import wrong

SEED = 20_261_122
SETTLE_SECONDS = 0.5
QUIET_SECONDS, LONGEST_SECONDS = 1.5, 90.0
"""Nothing comes any more where nothing came at any server for so long."""


class Size(msgspec.Struct, frozen=True):
    """`pause_s`: between two kills, from and to. A server stays away for `down_s` and as long as it takes to start."""

    subscribers: int
    timed: int
    kills: int
    per_second: float
    pause_s: tuple[float, float]
    down_s: float = 0.3


FULL = Size(subscribers=1_000, timed=500, kills=40, per_second=20.0, pause_s=(0.2, 4.0))
SHORT = Size(subscribers=40, timed=20, kills=3, per_second=40.0, pause_s=(0.2, 0.8))


def timed(field: Field, size: Size) -> dict[str, float]:
    for number in range(size.timed):
        for side in field.sides:
            side.source.hand_over(number, crowd.shop(number % size.subscribers))
        time.sleep(1 / size.per_second)
    wait_quiet(field)
    found: dict[str, float] = {}
    for side in field.sides:
        handed = side.source.handed_ms
        taken = [came_ms - handed[number] for number, came_ms in field.applied(side)]
        found[f"{side.server.name}_p50_ms"] = figures.percentile(taken, 0.5)
        found[f"{side.server.name}_p99_ms"] = figures.percentile(taken, 0.99)
    return found


def killed(field: Field, size: Size, seed: int) -> None:
    """By turns servers and subscribers. The next kill waits until every server has taken something since the last."""
    chance = random.Random(seed)
    feeding = Feeding([side.source for side in field.sides], size.subscribers, size.per_second)
    for kill in range(size.kills):
        time.sleep(chance.uniform(*size.pause_s))
        if kill % 2:
            field.kill_subscribers()
            field.connect()
        else:
            field.kill_servers()
            time.sleep(size.down_s)
            field.start_servers()
        feeding.wait_taken()
    feeding.end()
    field.wait_connected()
    wait_quiet(field)


def wait_quiet(field: Field) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    before, since = -1, time.monotonic()
    while time.monotonic() < min(deadline, since + QUIET_SECONDS):
        time.sleep(0.2)
        come = sum(len(field.applied(side)) for side in field.sides)
        if come != before:
            before, since = come, time.monotonic()


def counted(field: Field, sides: Sequence[Side]) -> dict[str, int]:
    found: dict[str, int] = {}
    for side in sides:
        numbers = side.source.handed_ms
        errors = wrong(numbers, [number for number, _ in field.applied(side)])
        name = side.server.name
        found |= {f"{name}_orders": len(numbers), f"{name}_lost": errors.lost, f"{name}_doubled": errors.doubled}
    return found


def measure(folder: Path, size: Size) -> dict[str, float | int]:
    with standing(folder, size.subscribers) as field:
        time.sleep(SETTLE_SECONDS)
        empty = field.rss_mb()
        field.connect()
        field.wait_connected()
        full = field.rss_mb()
        kb_each = {f"{name}_kb_each": (full[name] - mb) * 1024 / size.subscribers for name, mb in empty.items()}
        latency = timed(field, size)
        killed(field, size, SEED)
        return {
            "subscribers": size.subscribers,
            "kills": size.kills,
            **latency,
            **kb_each,
            **counted(field, field.sides),
        }


def main() -> int:
    chosen = figures.options("beside_mqtt", __doc__)
    with tempfile.TemporaryDirectory(prefix="yaolink-mqtt-") as folder:
        result = measure(Path(folder), SHORT if chosen.short else FULL)
    of = int(result[f"{OURS}_orders"])
    print(f"fault mix: kill -9 of all servers or all subscribers, {result['kills']} by turns, orders coming meanwhile")
    print(f"none wrong of {of} means below {3 / of:.1e} at 95 % (3/N), for this mix of faults")
    figures.report(result, quiet=chosen.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
