"""The system around the agent on Linux: systemd, /proc, nftables and iptables, logind."""

import platform
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from agent.surroundings import FirewallState, ServiceState, said

UNIT = "yaolink-agent.service"
_LISTENS = "0A"
_LOGIND = "/etc/systemd/logind.conf"
_DEFAULT_IDLE_MINUTES = 30
"""logind.conf(5): IdleActionSec, where an IdleAction is set at all."""


def system_name() -> str:
    """For the support bundle."""
    return platform.platform()


def service_state() -> ServiceState | None:
    """None where the agent is not installed as a service."""
    names = "LoadState,ActiveState,SubState,UnitFileState,NRestarts"
    shown = said("systemctl", "show", UNIT, f"--property={names}")
    facts = dict(line.partition("=")[::2] for line in (shown or "").splitlines())
    if facts.get("LoadState") != "loaded":
        return None
    return ServiceState(
        running=facts.get("ActiveState") in ("active", "activating", "reloading"),
        automatic=facts.get("UnitFileState") in ("enabled", "enabled-runtime", "static"),
        how=f"systemd: {facts.get('ActiveState', '?')}, {facts.get('SubState', '?')}",
        start=f"systemctl restart {UNIT}",
        enable=f"systemctl enable {UNIT}",
        restarts=int(facts.get("NRestarts") or 0),
    )


def holder_of(port: int, proc: Path = Path("/proc")) -> str:
    """Which program listens there; processes of other accounts are seen by root only."""
    inodes = set(_listening_inodes(port, proc))
    if not inodes:
        return "?"
    for process in proc.glob("[0-9]*"):
        with suppress(OSError):
            for handle in (process / "fd").iterdir():
                if str(handle.readlink()) in inodes:
                    return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return "?"


def firewall_state() -> FirewallState:
    chains = said("nft", "list", "chains")
    rules = said("iptables", "-S", "OUTPUT") if not chains else None
    if chains is None and rules is None:
        return FirewallState(known=False)
    if (rule := re.search(r"type filter hook output .*policy drop", chains or "")) is not None:
        return FirewallState(known=True, strict=f"nftables: {rule.group(0)}")
    if "-P OUTPUT DROP" in (rules or ""):
        return FirewallState(known=True, strict="iptables: -P OUTPUT DROP")
    return FirewallState(known=True)


def antivirus() -> tuple[str, ...]:
    """Those that stores run on Linux, by the folders they are installed in."""
    known = {"/opt/eset": "ESET", "/opt/kaspersky": "Kaspersky", "/opt/360safe": "360", "/usr/sbin/clamd": "ClamAV"}
    return tuple(name for path, name in known.items() if Path(path).exists())


def sleeps_after_minutes(logind: Path = Path(_LOGIND)) -> int | None:
    """None: no setting of the system lets it sleep. What a desktop's own settings do is not seen from a service."""
    with suppress(OSError):
        text = logind.read_text(encoding="utf-8")
        if re.search(r"^\s*IdleAction\s*=\s*(suspend|hibernate|hybrid-sleep|suspend-then-hibernate)", text, re.M):
            minutes = re.search(r"^\s*IdleActionSec\s*=\s*(\d+)\s*min", text, re.M)
            return int(minutes.group(1)) if minutes is not None else _DEFAULT_IDLE_MINUTES
    return None


def _listening_inodes(port: int, proc: Path) -> Iterator[str]:
    for table in ("net/tcp", "net/tcp6"):
        with suppress(OSError):
            for line in (proc / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{fields[9]}]"
