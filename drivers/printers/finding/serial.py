"""Serial ports of this computer. They are listed, never opened: nobody knows yet what hangs on one."""

from collections.abc import Container
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.printers.finding import identity
from drivers.printers.finding.found import Found, Way

_BY_ID = Path("/dev/serial/by-id")
_SCHEME = "serial://"


def serial_ports(taken: Container[str], by_id: Path = _BY_ID) -> list[Found]:
    """`taken` are the ports that scanners use. A port that is soldered in and has nothing behind it is listed too;
    the system does not know."""
    lasting = _lasting_names(by_id)
    found = []
    for port in list_ports.comports():
        name = lasting.get(port.device, port.device)
        if port.device not in taken and name not in taken:
            found.append(_found(port, name))
    return found


def _found(port: ListPortInfo, name: str) -> Found:
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
