"""What listens at a network address: a slip printer, or something that must not be disturbed.

Port 9100 is also node_exporter's, and every office printer's: text sent there is printed. So we look before we ask.
Whoever speaks first is no slip printer, unless it speaks automatic status. Whoever also speaks IPP (port 631) is an
office printer, in whose PCL a control character may be a picture. The rest is sent one question, DLE EOT 1: three
control characters, which print nothing and which a slip printer answers with one byte. Only who answered that, and is
ready, is asked for its name (GS I); what a clone that does not know the question puts into its line for it is thrown
away (ESC @). Whoever stays silent is told that nothing more comes: a web server then complains in words.
"""

import socket
import time
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address

import msgspec
from escpos.constants import RT_STATUS

from drivers.printers.status import (
    AutoStatus,
    BlockData,
    RealTime,
    ReplyParser,
    interpret_auto_status,
    interpret_real_time,
)
from drivers.printers.witness import ASK_IDENTITY, IDENTITY_HEADER

RAW_PORT = 9100
_IPP_PORT = 631
_CONNECT_S, _IPP_S = 0.7, 0.4
_UNASKED_S, _ANSWER_S, _LAST_WORD_S = 0.15, 0.8, 0.4
_MAKER, _MODEL, _SERIAL = 66, 67, 68
_INITIALISE = b"\x1b@\x1c&"


class Kind(StrEnum):
    SLIP_PRINTER = "slip_printer"
    MUTE = "mute"
    """It takes a connection and says nothing: a printer that cannot answer, or no printer."""
    OFFICE_PRINTER = "office_printer"
    SOMETHING_ELSE = "something_else"


class Recognised(msgspec.Struct, frozen=True):
    kind: Kind
    maker: str = ""
    model: str = ""
    serial: str = ""


def recognise(host: str, port: int = RAW_PORT, *, connect_s: float = _CONNECT_S) -> Recognised | None:
    """None where nobody listens. At most some four seconds, and one connection at a time to that port."""
    try:
        link = socket.create_connection((host, port), timeout=connect_s)
    except OSError:
        return None
    with link:
        try:
            return _looked_at(link, host)
        except OSError:  # it hung up on us: nothing that wants to be talked to
            return Recognised(Kind.SOMETHING_ELSE)
        finally:
            _drain(link)


def _looked_at(link: socket.socket, host: str) -> Recognised:
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if said := _heard(link, _UNASKED_S):
        return _answered(link, said)
    if _speaks_ipp(host):
        return Recognised(Kind.OFFICE_PRINTER)
    link.sendall(bytes(RT_STATUS) + b"\x01")
    if said := _heard(link, _ANSWER_S):
        return _answered(link, said)
    return Recognised(Kind.SOMETHING_ELSE if _has_a_last_word(link) else Kind.MUTE)


def _answered(link: socket.socket, said: bytes) -> Recognised:
    """Only a status and nothing else makes it a slip printer."""
    replies = ReplyParser().feed(said)
    states = [reply for reply in replies if isinstance(reply, RealTime | AutoStatus)]
    if not states or len(states) < len(replies):
        return Recognised(Kind.SOMETHING_ELSE)
    return Recognised(Kind.SLIP_PRINTER) if any(map(_is_blocked, states)) else _asked_for_name(link)


def _is_blocked(state: RealTime | AutoStatus) -> bool:
    """It would keep our questions until it is helped."""
    if isinstance(state, AutoStatus):
        return interpret_auto_status(state.bits).blocked is not None
    return interpret_real_time({1: state.bits}).blocked is not None


def _has_a_last_word(link: socket.socket) -> bool:
    link.shutdown(socket.SHUT_WR)
    try:
        return bool(_heard(link, _LAST_WORD_S))
    except OSError:
        return False


def _asked_for_name(link: socket.socket) -> Recognised:
    names: list[str] = []
    with suppress(OSError):  # that it is a slip printer is known already
        for n in (_MAKER, _MODEL, _SERIAL):
            names.append(_name(link, n))
            if not any(names):
                break
        link.sendall(_INITIALISE)
    return Recognised(Kind.SLIP_PRINTER, *names)


def _name(link: socket.socket, n: int) -> str:
    link.sendall(ASK_IDENTITY + bytes((n,)))
    parser, until = ReplyParser(), time.monotonic() + _ANSWER_S
    while (left := until - time.monotonic()) > 0:
        for reply in parser.feed(_heard(link, left)):
            if isinstance(reply, BlockData) and reply.header == IDENTITY_HEADER:
                return reply.data.decode("gbk", "replace").strip()
    return ""


def _heard(link: socket.socket, seconds: float) -> bytes:
    """What came first within so many seconds; empty for silence. Raises OSError when the other side is gone."""
    link.settimeout(max(seconds, 0.001))
    try:
        data = link.recv(1024)
    except TimeoutError:
        return b""
    if not data:
        raise ConnectionResetError("it hung up")
    return data


def _speaks_ipp(host: str) -> bool:
    if _is_this_computer(host):
        return False
    try:
        socket.create_connection((host, _IPP_PORT), timeout=_IPP_S).close()
    except OSError:
        return False
    return True


def _is_this_computer(host: str) -> bool:
    """There that port is the print system's, and says nothing about a printer."""
    return ip_address(host).is_loopback


def _drain(link: socket.socket) -> None:
    """Closing on unread answers would reset the connection."""
    with suppress(OSError):
        link.setblocking(False)
        while link.recv(1024):
            pass
