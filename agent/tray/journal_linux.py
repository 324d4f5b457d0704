"""Where the tray's own log goes, on Linux: the session keeps what its programs say."""

import logging


def handler() -> logging.Handler:
    return logging.StreamHandler()
