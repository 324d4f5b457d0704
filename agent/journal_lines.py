"""How one record of the log reads: as a line of JSON in the file, as a sentence on standard error. Both are redacted.

Fields given with `extra=` stand beside the sentence in the JSON, so that a script can follow one order or slip:
`log.info("slip %s is %s", slip_id, state, extra={"slip": slip_id})`.
"""

import logging
from datetime import UTC, datetime

import msgspec

from domain.redaction import redacted

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.DEBUG, 7))
"""Of syslog(3), by which journald sorts."""


LONGEST = 16_000
"""Characters of one text: a library that quotes a whole file must not fill the log."""


class JsonLines(logging.Formatter):
    """{"at": "2026-11-21T23:55:43.123Z", "level": "info", "where": "agent.line", "said": "…", …fields, "trace": "…"}"""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
            + f"{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "where": record.name,
            "said": _clean(record.getMessage()),
            **{key: _clean(str(value)) for key, value in vars(record).items() if key not in _USUAL},
        }
        if trace := self._trace(record):
            line["trace"] = _clean(trace)
        return msgspec.json.encode(line).decode()

    def _trace(self, record: logging.LogRecord) -> str:
        parts = [self.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
        return "\n".join([*parts, *([record.stack_info] if record.stack_info else [])])


class Sentences(logging.Formatter):
    """For people at a terminal: time, level, where, what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return _clean(super().format(record))


class ForJournald(logging.Formatter):
    """Each line with its priority, and without the time, which journald writes itself (sd-daemon(3))."""

    def __init__(self) -> None:
        super().__init__("%(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), 7)
        return "\n".join(f"<{priority}>{line}" for line in _clean(super().format(record)).splitlines())


def _clean(text: str) -> str:
    return redacted(text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)")
