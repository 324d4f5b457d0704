"""The hub's log: lines on standard error, for whatever runs the hub to keep. Nothing of ours logs persons or secrets;
what slips through with an error of a library is caught here (`domain/redaction.py`)."""

import logging
import sys

from domain.redaction import redacted

CHATTY = ("httpx", "alembic")
"""They log URLs, and each step of a migration."""


class Redacting(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def begin() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
