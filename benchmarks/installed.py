"""The installed product: the deb of dist/ on a booted Debian. Needs root and what `make test-system` installs.

Install to first slip counts from the start of apt to the last line on paper, pairing and one order included. Boot to
ready counts from the start of process 1 to the page's first answer, with nobody logged in. Memory, processor and
start to ready are those of the service; beside them stands the same agent unfrozen, run from this environment.
"""

import importlib.metadata
import time
from pathlib import Path

from benchmarks import agent_idle, figures
from installer.linux.package import NAMES
from installer.linux.trial import root
from installer.linux.trial.container import Container
from installer.linux.trial.headquarters import Headquarters
from installer.linux.trial.store_pc import UNIT, StorePC
from installer.reproducible import ROOT

SECONDS, SHORT_SECONDS = 60.0, 5.0
SETTLED_S = 3.0


def measure(seconds: float, folder: Path) -> dict[str, float | int]:
    debs = ROOT / "dist"
    deb, rpm = (debs / NAMES[form].format(importlib.metadata.version("yaolink")) for form in ("deb", "rpm"))
    with Headquarters(folder / "hq") as headquarters, Container(root.copy(folder / "pc")) as container:
        pc = StorePC(container, headquarters)
        pc.prepare()
        install_s, first_slip_s = _first_slip(pc, deb)
        container.halt()
        boot_s = _boot(pc)
        return {
            "deb_mb": deb.stat().st_size / 1e6,
            "rpm_mb": rpm.stat().st_size / 1e6,
            "install_s": install_s,
            "install_to_first_slip_s": first_slip_s,
            "boot_to_ready_s": boot_s,
            "start_s": _start_seconds(pc),
            **_idle(pc, seconds),
            **_unfrozen(seconds, folder / "unfrozen"),
        }


def _first_slip(pc: StorePC, deb: Path) -> tuple[float, float]:
    """Seconds until apt is done, and until the slip is on the counter."""
    began = time.monotonic()
    pc.install(deb)
    installed = time.monotonic()
    pc.wait_paired()
    pc.print_one()
    return installed - began, time.monotonic() - began


def _boot(pc: StorePC) -> float:
    began = time.monotonic()
    pc.container.power_on()
    pc.wait(pc.headquarters.answers, "the page")
    return time.monotonic() - began


def _start_seconds(pc: StorePC) -> float:
    """From exec to READY=1, by systemd's own clock."""
    pc.container.run("systemctl", "restart", UNIT)
    began, ready = (
        int(pc.container.property(UNIT, name))
        for name in ("ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    )
    return (ready - began) / 1_000_000


def _idle(pc: StorePC, seconds: float) -> dict[str, float]:
    time.sleep(SETTLED_S)
    pid = pc.container.process("yaolink-agent")
    before = figures.cpu_seconds(pid)
    time.sleep(seconds)
    used = figures.cpu_seconds(pid) - before
    return {"rss_mb": figures.rss_mb(pid), "cpu_percent": used / seconds * 100}


def _unfrozen(seconds: float, folder: Path) -> dict[str, float]:
    """The baseline: the same agent, run from this environment."""
    idle = agent_idle.measure(seconds, folder)
    return {f"unfrozen_{name}": idle[name] for name in ("start_s", "rss_mb", "cpu_percent")}


if __name__ == "__main__":
    figures.run("installed", __doc__, measure, SECONDS, short=SHORT_SECONDS)
