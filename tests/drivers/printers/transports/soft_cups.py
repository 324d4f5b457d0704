"""A CUPS made of software: IPP over a UNIX socket, read and written by its own hand."""

import socketserver
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

PRINT_JOB, CANCEL_JOB, GET_JOB, GET_PRINTER = 2, 8, 9, 11
OK, NOT_POSSIBLE, NOT_FOUND, NOT_ACCEPTING = 0, 0x0404, 0x0406, 0x0506
Attribute = tuple[int, str, list[bytes]]


@dataclass
class SoftCupsJob:
    attributes: dict[str, bytes]
    data: bytes
    state: int = 5
    began: bool = True


@dataclass
class SoftCups:
    """`refusal` is the HTTP status it answers everything with."""

    path: Path
    printer_state: int = 3
    reasons: list[str] = field(default_factory=lambda: ["none"])
    accepts: bool = True
    keeps_history: bool = True
    refusal: int = 0
    breaks_off: bool = False
    jobs: list[SoftCupsJob] = field(default_factory=list)
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of each request."""

    def __post_init__(self) -> None:
        self._server = _Server(str(self.path), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, operation: int, asked: dict[str, bytes], data: bytes) -> tuple[int, list[Attribute]]:
        if operation == GET_PRINTER:
            return OK, self._about_printer()
        if operation == PRINT_JOB:
            return self._print(asked, data)
        (number,) = struct.unpack(">i", asked["job-id"])
        job = self.jobs[number - 1]
        if job.state >= 7 and not self.keeps_history:
            return NOT_FOUND, []
        if operation == CANCEL_JOB:
            return self._cancel(job), []
        processed = (0x21, [struct.pack(">i", 7)]) if job.began else (0x13, [b""])
        return OK, [_enum("job-state", job.state), (processed[0], "time-at-processing", processed[1])]

    def _about_printer(self) -> list[Attribute]:
        reasons = [reason.encode() for reason in self.reasons]
        return [
            _enum("printer-state", self.printer_state),
            (0x44, "printer-state-reasons", reasons),
            (0x22, "printer-is-accepting-jobs", [bytes((self.accepts,))]),
        ]

    def _print(self, asked: dict[str, bytes], data: bytes) -> tuple[int, list[Attribute]]:
        if not self.accepts:
            return NOT_ACCEPTING, [(0x41, "status-message", [b"Destination is not accepting jobs."])]
        self.jobs.append(SoftCupsJob(asked, data))
        return OK, [(0x21, "job-id", [struct.pack(">i", len(self.jobs))])]

    @staticmethod
    def _cancel(job: SoftCupsJob) -> int:
        if job.state >= 7:
            return NOT_POSSIBLE
        job.state = 7
        return OK


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def _handler(cups: SoftCups) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def address_string(self) -> str:
            return "unix"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_POST(self) -> None:
            message = self.rfile.read(int(self.headers["Content-Length"]))
            cups.heard.append((self.path, dict(self.headers)))
            if cups.breaks_off:
                return
            if cups.refusal:
                self.send_error(cups.refusal)
                return
            operation, asked, data = _read(message)
            status, attributes = cups.answer(operation, asked, data)
            body = _written(message, status, attributes)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _read(message: bytes) -> tuple[int, dict[str, bytes], bytes]:
    (operation,) = struct.unpack(">H", message[2:4])
    at, asked = 8, dict[str, bytes]()
    while (tag := message[at]) != 3:
        at += 1
        if tag < 0x10:
            continue
        parts = []
        for _ in range(2):
            length = int.from_bytes(message[at : at + 2], "big")
            parts.append(message[at + 2 : at + 2 + length])
            at += 2 + length
        asked.setdefault(parts[0].decode(), parts[1])
    return operation, asked, message[at + 1 :]


def _written(message: bytes, status: int, attributes: list[Attribute]) -> bytes:
    out = bytearray(message[:2] + struct.pack(">H", status) + message[4:8] + b"\x01")
    for tag, name, values in [(0x47, "attributes-charset", [b"utf-8"]), *attributes]:
        for index, value in enumerate(values):
            said = b"" if index else name.encode()
            out += bytes((tag,)) + struct.pack(">H", len(said)) + said + struct.pack(">H", len(value)) + value
    return bytes(out + b"\x03")


def _enum(name: str, value: int) -> Attribute:
    return 0x23, name, [struct.pack(">i", value)]
