"""Serial ports of this computer. They are listed, never opened: nobody knows yet what hangs on one."""

import logging
from collections.abc import Container, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found, Way

if TYPE_CHECKING:
    from serial.tools.list_ports_common import ListPortInfo

log = logging.getLogger(__name__)

_BY_ID = Path("/dev/serial/by-id")
_SCHEME = "serial://"


def serial_ports(taken: Container[str], by_id: Path = _BY_ID) -> list[Found]:
    """`taken` are the ports that scanners use. A port that is soldered in and has nothing behind it is listed too;
    the system does not know."""
    lasting = _lasting_names(by_id)
    found = []
    for port in _ports():
        name = lasting.get(port.device, port.device)
        if port.device not in taken and name not in taken:
            found.append(_found(port, name))
    return found


def _ports() -> "Iterable[ListPortInfo]":
    """Empty where pyserial cannot list them: it looks for functions of Windows that wine does not have."""
    try:
        from serial.tools import list_ports
    except AttributeError as error:
        log.warning("serial ports cannot be listed: %s", error)
        return ()
    return list_ports.comports()


def _found(port: "ListPortInfo", name: str) -> Found:
    model = f"{port.manufacturer or ''} {port.product or ''}".strip()
    return Found(
        _SCHEME + name,
        model or (port.description if port.description != "n/a" else "") or port.device,
        (Way.SERIAL,),
        identity.of_serial(port.serial_number or ""),
        model,
        others=(_SCHEME + port.device,) if name != port.device else (),
    )


def _lasting_names(by_id: Path) -> dict[str, str]:
    """Linux numbers USB ports as they come; udev's links keep their names."""
    if not by_id.is_dir():
        return {}
    return {str(link.resolve()): str(link) for link in sorted(by_id.iterdir())}
