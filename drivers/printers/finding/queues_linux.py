"""The queues of CUPS, as its own client program tells them."""

import os
import subprocess
from urllib.parse import parse_qs, quote, unquote, urlsplit

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found, Way

_PATIENCE_S = 5.0
_NO_PAPER = ("cups-pdf:", "ipp://", "ipps://", "smb://", "implicitclass:", "beh:/", "fax:", "file:///dev/null")
"""Devices behind which no slip printer of ours is: files, fax, other people's servers."""


def queues(lpstat: str = "lpstat") -> list[Found]:
    """Empty where CUPS is not installed or not running."""
    try:
        done = subprocess.run(
            [lpstat, "-v"],
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [found for line in done.stdout.splitlines() if (found := _found(line)) is not None]


def _found(line: str) -> Found | None:
    """`device for 前台: usb://EPSON/TM-T20II?serial=J5ZF123456`"""
    said, _, device = line.partition(": ")
    queue = said.removeprefix("device for ")
    if said == queue or not device or device.startswith(_NO_PAPER):
        return None
    parts = urlsplit(device)
    serial = parse_qs(parts.query).get("serial", [""])[0]
    model = f"{unquote(parts.netloc)} {unquote(parts.path.strip('/'))}" if parts.scheme == "usb" else ""
    others = (f"tcp://{parts.hostname}:{parts.port or 9100}",) if parts.scheme == "socket" and parts.hostname else ()
    return Found(f"cups://{quote(queue)}", queue, (Way.QUEUE,), identity.of_serial(serial), model, others=others)
