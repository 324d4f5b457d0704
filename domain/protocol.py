"""The bodies of the requests between agent and hub; docs/protocol.md tells when each is sent (design.md §4)."""

from enum import StrEnum

import msgspec

from domain.events import Event
from domain.times import Millis

PAGE = 200
"""Events in one page, and the most an agent applies in one transaction."""
OPERATIONS_AT_ONCE = 100
HEARTBEAT_SECONDS = 20.0
SILENCE_SECONDS = 45.0
"""An agent drops a stream that was mute for so long."""

# Who speaks is proven by a device key (Ed25519), whose public half the hub learns at pairing. PAIR, CHALLENGE, SESSION
# and PROOF carry no token; every other request carries `Authorization: Bearer TOKEN` of a session. PAIR, SESSION,
# PROOF, KEY, OPERATIONS and PUT BLOBS are signed (`domain.signatures`). Errors are a `Problem`: 401 `unknown_key`, 401
# `session_over` (begin a new one, nothing else is wrong), 403 `revoked`, 403 `frozen`, 429 and 503 with Retry-After.
UNKNOWN_KEY = "unknown_key"
SESSION_OVER = "session_over"
REVOKED = "revoked"
FROZEN = "frozen"
PAIR = "/edge/pair"
"""POST PairRequest -> PairReply, signed under the code."""
CHALLENGE = "/edge/challenge"
"""POST Known -> Challenge."""
SESSION = "/edge/session"
"""POST SessionRequest -> SessionReply, signed under the nonce."""
PROOF = "/edge/proof"
"""POST ProofRequest -> 204, signed under the nonce: whether the hub would admit this key. No session begins."""
KEY = "/edge/key"
"""POST NewKey -> 204, in a session of the old key: from now on the new one counts, and no session of the old one."""
EVENTS = "/edge/events"
"""GET ?after=CURSOR&limit=N&wait=SECONDS -> Page. With `wait` an answer without events may come so much later."""
STREAM = "/edge/stream"
"""GET ?after=CURSOR&after=CURSOR -> text/event-stream of the frames below; each log is served from its cursor.
It begins with a heartbeat at once: an agent that sees none within seconds takes the stream for swallowed."""
OPERATIONS = "/edge/operations"
"""POST [Operation] ?confirmed=NUMBER&after=CURSOR -> [Outcome], in the same order. The query is a `Confirmed`."""
BLOBS = "/edge/blobs"
"""GET BLOBS/DIGEST with `Range: bytes=N-` -> its bytes from there (206), 404 while the hub waits for them itself;
PUT BLOBS/DIGEST?order_id=… with `Content-Type` -> 204: a photo from the store. Both are for the store's own orders."""
REPORT = "/edge/report"
"""POST Report -> 204."""
SNAPSHOT = "/edge/snapshot"
"""GET ?log=LOG&least=SEQ -> the log's state as of that one of its events, or of a later one; from byte N on with
`Range: bytes=N-` and its `If-Range`."""
SEAL_HEADER = "X-Yaolink-Seal"
"""Of a snapshot's answer: the key, in hexadecimal, that opens what it says of persons."""


class Frame(StrEnum):
    """The `event:` of a frame in the stream; its `data:` is one line of JSON."""

    EVENT = "event"
    """An `Event`; the frame's `id:` is the cursor once it is applied."""
    HEARTBEAT = "heartbeat"
    RESET = "reset"
    """A `Head`: this log cannot be served from the given cursor. Pull it."""
    BYE = "bye"


class Cursor(msgspec.Struct, frozen=True):
    """The last event applied. `log_id` names one incarnation of the log; empty before the first contact."""

    log: str
    log_id: str
    seq: int

    def text(self) -> str:
        """As it stands in a query: LOG@LOG_ID:SEQ."""
        return f"{self.log}@{self.log_id}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError with the offending text."""
        log, at, rest = text.rpartition("@")
        log_id, colon, seq = rest.partition(":")
        if not (log and at and colon and seq.isascii() and seq.isdigit()):
            raise ValueError(f"not a cursor (LOG@LOG_ID:SEQ): {text!r}")
        return cls(log, log_id, int(seq))


class Head(msgspec.Struct, frozen=True):
    """How far a log goes. Events at or below `floor` were compacted away."""

    log: str
    log_id: str
    seq: int
    floor: int = 0


class Page(msgspec.Struct, frozen=True):
    """The answer to a pull. With `reset` the cursor cannot be served (other incarnation, ahead of the head, below the
    floor): the agent begins the log anew and keeps its outbox."""

    head: Head
    events: tuple[Event, ...] = ()
    reset: bool = False


class Heartbeat(msgspec.Struct, frozen=True):
    """Every `HEARTBEAT_SECONDS`: a head above the cursor with nothing on its way is a gap."""

    at: Millis
    heads: tuple[Head, ...]


class Bye(msgspec.Struct, frozen=True):
    """The hub ends the stream and says when to come back, spread between the two, in seconds."""

    why: str
    retry_from: float
    retry_to: float


class SnapshotHeader(msgspec.Struct, frozen=True):
    """The first line of a snapshot: it stands for every event of this incarnation up to and with `seq`. `heard`, of a
    store's log: the newest operation that it contains of each life of the store's data; but not those `left_out`."""

    log: str
    log_id: str
    seq: int
    at: Millis
    heard: dict[str, int] | None = None
    left_out: dict[str, tuple[int, ...]] = {}


class SnapshotTrailer(msgspec.Struct, frozen=True):
    """The last line: how many rows stood between, and the SHA-256 of every line before this one, in hexadecimal."""

    rows: int
    sha256: str


class PairRequest(msgspec.Struct, frozen=True):
    """`device` is made once by the agent and kept with its data. `public_key` is of a key pair made for this pairing:
    the same again is the same pairing, should the answer have been lost."""

    code: str
    device: str
    hostname: str
    version: str
    public_key: bytes


class PairReply(msgspec.Struct, frozen=True):
    chain: str
    store: str
    store_name: str


class Known(msgspec.Struct, frozen=True):
    """By what the hub knows an agent."""

    device: str
    public_key: bytes


class Challenge(msgspec.Struct, frozen=True):
    """`nonce` is good for the next session of this key, for two minutes of the hub's clock."""

    nonce: str


class SessionRequest(msgspec.Struct, frozen=True):
    """`incarnation` names one life of the agent's data, `boot` one run of its program; both are random. `accepts` tells
    the kinds of events it knows, each with its highest version; `number` is the highest of any operation that its
    outbox ever held, `confirmed` the highest of this incarnation that the hub has answered as done."""

    device: str
    public_key: bytes
    nonce: str
    incarnation: str
    boot: str
    version: str
    accepts: dict[str, int] = {}
    number: int = 0
    cursors: tuple[Cursor, ...] = ()
    confirmed: int = 0


class SessionReply(msgspec.Struct, frozen=True):
    """`expires_in` counts seconds. `logs` are those to follow, the store's own first. `number` and `key` are of the
    newest operation that the hub has of this device and incarnation; 0 and empty where it has none."""

    token: str
    expires_in: float
    logs: tuple[str, ...]
    number: int
    key: str
    at: Millis


class ProofRequest(msgspec.Struct, frozen=True):
    device: str
    public_key: bytes
    nonce: str


class NewKey(msgspec.Struct, frozen=True):
    """`proof` is the new key's own signature of the same that the old one signs, with its public half as the body."""

    public_key: bytes
    proof: bytes


class Confirmed(msgspec.Struct, frozen=True):
    """How far the agent got with its hub: `number` is the highest of any operation of this incarnation that was
    answered as done, 0 where none was, `cursor` that of the store's own log. A hub that knows less was put back."""

    number: int
    cursor: Cursor

    def query(self) -> tuple[tuple[str, str], ...]:
        return ("confirmed", str(self.number)), ("after", self.cursor.text())


class OutcomeState(StrEnum):
    DONE = "done"
    """Applied, now or before: the same key is answered alike for ever."""
    REFUSED = "refused"
    """A request that may not be; `reason` is for the clerk."""
    KEY_REUSED = "key_reused"
    """The same key with another body: set aside, an alarm."""
    UNKNOWN_KIND = "unknown_kind"
    """The hub is older than the agent: kept raw there, keep it here too."""


class Outcome(msgspec.Struct, frozen=True):
    key: str
    state: OutcomeState
    reason: str = ""


class PrinterReport(msgspec.Struct, frozen=True):
    """A printer, or a scanner as far as it has these. `waiting` counts slips that this printer should print, `paused`
    says that a person wants none sent to it, `model` is its maker's word."""

    name: str
    address: str
    state: str
    """ready, blocked or unknown."""
    cause: str = ""
    paper_near_end: bool = False
    paused: bool = False
    waiting: int = 0
    model: str = ""


class JobReport(msgspec.Struct, frozen=True):
    """A scheduled job of the agent. `outcome` is ok, failed, hangs or empty before its first run; `detail` is English.
    `well_at` is when it last succeeded, which may be before its last run."""

    name: str
    last_at: Millis | None = None
    next_at: Millis | None = None
    outcome: str = ""
    detail: str = ""
    well_at: Millis | None = None


class SetAside(msgspec.Struct, frozen=True):
    """An event that the agent could not apply, or an operation that the hub did not take."""

    kind: str
    seq: int
    """Of the event in its log, or the operation's number."""
    why: str
    order_id: str = ""
    at: Millis = 0


class FindingReport(msgspec.Struct, frozen=True):
    """What the agent's doctor found, in both languages; `level` is ok, look or bad."""

    id: str
    level: str
    what_zh: str
    what_en: str
    do_zh: str = ""
    do_en: str = ""
    detail: str = ""


MOST_SET_ASIDE = 20
"""So many are told in a report, the oldest; the counts are whole."""


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the agent is; the last one counts. `clock_offset` is how much its clock is ahead of the hub's, `disk_free`
    what its data folder's disk has left in bytes; both None where nobody knows yet."""

    device: str
    boot: str
    version: str
    at: Millis
    cursors: tuple[Cursor, ...]
    outbox_depth: int
    outbox_oldest_at: Millis | None
    printers: tuple[PrinterReport, ...] = ()
    scanners: tuple[PrinterReport, ...] = ()
    incarnation: str = ""
    confirmed: int = 0
    """As in a request of a session."""
    clock_offset: Millis | None = None
    disk_free: int | None = None
    quarantined: int = 0
    events_set_aside: tuple[SetAside, ...] = ()
    stopped: tuple[str, ...] = ()
    """Logs that stand still before an event that must be understood; each counts as quarantined too."""
    undelivered: int = 0
    """Operations that the hub did not take and nobody has settled."""
    operations_set_aside: tuple[SetAside, ...] = ()
    jobs: tuple[JobReport, ...] = ()
    findings: tuple[FindingReport, ...] = ()
    diagnosed_at: Millis | None = None


class Problem(msgspec.Struct, frozen=True):
    """Every error answer: a word for programs, a sentence for people, and what to do about it."""

    error: str
    message: str
    hint: str = ""
