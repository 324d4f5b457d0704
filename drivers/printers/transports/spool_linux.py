"""CUPS. Jobs go in raw, over its own socket; CUPS_SERVER names another socket, as it does for CUPS's own programs."""

import http.client
import os
import pwd
import socket
from urllib.parse import quote

from drivers.printers.status import Blocked, PrinterStatus
from drivers.printers.transports import ipp
from drivers.printers.transports.ipp import Answer, Operation
from drivers.printers.transports.queue import JobState, Progress, QueueRefusal

SCHEME = "cups"

_SOCKET = "/run/cups/cups.sock"
_TIMEOUT_S = 10.0
_STOPPED = 5
_WAITING = (3, 4)
_CANCELLED, _ABORTED, _COMPLETED = 7, 8, 9
_ABOUT_PRINTER = ("printer-state", "printer-state-reasons", "printer-is-accepting-jobs")
_ABOUT_JOB = ("job-state", "time-at-processing")
_REASONS = (
    (("media-empty", "media-needed"), Blocked.paper_out),
    (("cover-open", "door-open", "interlock-open"), Blocked.cover_open),
    (("cutter-jam", "media-jam"), Blocked.cutter),
    (("offline", "shutdown", "timed-out"), Blocked.offline),
)
_SEVERITIES = ("-error", "-warning", "-report")


class SystemQueue:
    def __init__(self, name: str) -> None:
        self._uri = f"ipp://localhost/printers/{quote(name)}"
        self._path = f"/printers/{quote(name)}"
        self._user = pwd.getpwuid(os.getuid()).pw_name

    def status(self) -> PrinterStatus:
        """A raw queue knows little of its printer: what it does not tell is not known."""
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, wanted=_ABOUT_PRINTER)
        reasons = {_bare(reason) for reason in answer.texts("printer-state-reasons")}
        blocked = next((blocked for names, blocked in _REASONS if reasons.intersection(names)), None)
        if blocked is None and (
            answer.number("printer-state") == _STOPPED or answer.number("printer-is-accepting-jobs") == 0
        ):
            blocked = Blocked.offline
        return PrinterStatus(blocked, "media-low" in reasons, answered=blocked is not None)

    def submit(self, data: bytes, title: str) -> int:
        message = ipp.request(Operation.PRINT_JOB, self._uri, self._user, title=title, raw=True)
        answer = self._send(message, data)
        job = answer.number("job-id")
        if not answer.is_good or job is None:
            raise QueueRefusal(answer.words)
        return job

    def look(self, job: int) -> JobState:
        answer = self._send(self._about(Operation.GET_JOB_ATTRIBUTES, job, wanted=_ABOUT_JOB))
        if answer.status == ipp.NOT_FOUND:
            return JobState(Progress.vanished)  # this CUPS keeps no history
        return JobState(_progress(_good(answer)))

    def take_back(self, job: int) -> Progress:
        """Refused where the job is done already: the look says so."""
        self._send(self._about(Operation.CANCEL_JOB, job))
        return self.look(job).progress

    def _ask(self, operation: Operation, *, wanted: tuple[str, ...]) -> Answer:
        return _good(self._send(ipp.request(operation, self._uri, self._user, wanted=wanted)))

    def _about(self, operation: Operation, job: int, *, wanted: tuple[str, ...] = ()) -> bytes:
        return ipp.request(operation, self._uri, self._user, job=job, wanted=wanted)

    def _send(self, message: bytes, data: bytes = b"") -> Answer:
        """Raises QueueRefusal where nothing can have been kept: CUPS was not there, or said no."""
        connection = _Connection()
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            raise QueueRefusal(f"CUPS does not answer: {error}") from error
        try:
            connection.request("POST", self._path, message + data, self._headers())
            response = connection.getresponse()
            body = response.read()
        except http.client.HTTPException as error:
            raise OSError(f"CUPS broke off: {error!r}") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise QueueRefusal(f"CUPS refuses: {response.status} {response.reason}")
        return _decoded(body)

    def _headers(self) -> dict[str, str]:
        """The kernel tells CUPS who asks; naming ourselves so is how its own programs ask it to look."""
        return {"Content-Type": "application/ipp", "Authorization": f"PeerCred {self._user}"}


class _Connection(http.client.HTTPConnection):
    def __init__(self) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_S)

    def connect(self) -> None:
        server = os.environ.get("CUPS_SERVER", "")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT_S)
        self.sock.connect(server if server.startswith("/") else _SOCKET)


def _progress(answer: Answer) -> Progress:
    """A job's data begin to leave when it is processed; CUPS keeps when that was."""
    state, has_begun = answer.number("job-state"), answer.number("time-at-processing") is not None
    if state == _COMPLETED:
        return Progress.sent
    if state in (_CANCELLED, _ABORTED):
        return Progress.broken if has_begun else Progress.removed
    return Progress.waiting if state in _WAITING and not has_begun else Progress.printing


def _good(answer: Answer) -> Answer:
    if not answer.is_good:
        raise OSError(answer.words)
    return answer


def _decoded(body: bytes) -> Answer:
    try:
        return ipp.answer(body)
    except ValueError as error:
        raise OSError(str(error)) from error


def _bare(reason: str) -> str:
    return next((reason.removesuffix(severity) for severity in _SEVERITIES if reason.endswith(severity)), reason)
