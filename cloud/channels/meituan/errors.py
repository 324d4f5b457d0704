"""What can go wrong when we ask the platform."""

from cloud.channels.base import ChannelError


class PlatformError(ChannelError):
    """`code` is the platform's (facts/channels.md §1.4); None where it could not be asked at all."""

    def __init__(self, message: str, *, code: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class Refused(PlatformError):
    """The same request will never be taken."""


class Already(PlatformError):
    """The platform's state has moved on: what was asked for happened there before, or can no longer happen."""


class Later(PlatformError):
    """Throttled, broken or unreachable: nothing is known to have happened."""

    retryable = True


class Unknown(Later):
    """Sent and never answered, or answered with a fault: it may have happened."""
