"""Who is connected, and what it has asked to be told."""

from dataclasses import dataclass, field

from drivers.virtual.commands import Tokenizer
from drivers.virtual.links import Link
from drivers.virtual.real_time import RealTimeScanner
from drivers.virtual.replies import Offline


@dataclass(eq=False, slots=True)
class Client:
    link: Link
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    real_time: RealTimeScanner = field(default_factory=RealTimeScanner)
    auto_status: int = 0
    """The n of GS a: which items."""
    offline: Offline = Offline.untold
    arrived: float = 0.0
    """When bytes of it last came, monotonic."""
    first_byte_seen: bool = False
    discarded: bool = False
    """Bytes of it were thrown away: the rest of this connection is, too."""
    is_read: bool = False
    """Registered with the selector."""
