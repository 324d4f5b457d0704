"""What comes through the hub's stream, frame by frame (docs/protocol.md)."""

import msgspec

from domain.events import Event
from domain.protocol import Bye, Cursor, Frame, Head, Heartbeat


class Arrived(msgspec.Struct, frozen=True):
    """One event; `cursor` is where its log stands once it is applied, and names the log's incarnation."""

    cursor: Cursor
    event: Event


class Unknown(msgspec.Struct, frozen=True):
    """A frame this program was not built for: a sign of life, nothing more."""

    name: str


Message = Arrived | Heartbeat | Head | Bye | Unknown

_event = msgspec.json.Decoder(Event)
_heartbeat = msgspec.json.Decoder(Heartbeat)
_head = msgspec.json.Decoder(Head)
_bye = msgspec.json.Decoder(Bye)


def read_frame(name: str, id: str, data: str) -> Message:
    """Raises `msgspec.ValidationError` for a frame that is broken."""
    match name:
        case Frame.EVENT:
            return Arrived(_cursor(id), _event.decode(data))
        case Frame.HEARTBEAT:
            return _heartbeat.decode(data)
        case Frame.RESET:
            return _head.decode(data)
        case Frame.BYE:
            return _bye.decode(data)
    return Unknown(name)


def _cursor(text: str) -> Cursor:
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise msgspec.ValidationError(str(error)) from error
