"""One store of the fleet: what the tables, the open connections and its agent's last report say together."""

from enum import StrEnum

import msgspec

from cloud.fleet.troubles import Level, Trouble
from domain.modes import Mode
from domain.times import Millis


class Standing(StrEnum):
    """Whether the store's agent is there."""

    ONLINE = "online"
    DARK = "dark"
    FROZEN = "frozen"
    """Two computers speak as this one agent; neither may."""
    REVOKED = "revoked"
    UNPAIRED = "unpaired"
    """No agent was ever paired with it."""


class Lag(msgspec.Struct, frozen=True):
    """A log of which the agent has not applied everything. `since` is when the first event it lacks was made; None
    where that was compacted away, or where the log was begun anew."""

    log: str
    behind: int
    since: Millis | None


class Member(msgspec.Struct, frozen=True):
    """`since`: when it came, was heard last, was frozen or revoked. What the report says is None or empty where there
    is none; it reads as of `reported_at`, by the hub's clock."""

    store: str
    name: str
    mode: Mode
    standing: Standing
    since: Millis | None
    why: str
    version: str
    paired_at: Millis | None
    seen_at: Millis | None
    """The last contact."""
    lags: tuple[Lag, ...]
    set_aside: int
    """Facts of this store that took no effect at headquarters."""
    reported_at: Millis | None = None
    outbox_depth: int = 0
    outbox_oldest_at: Millis | None = None
    clock_offset: Millis | None = None
    """How much its clock is ahead."""
    disk_free: int | None = None
    backup_at: Millis | None = None
    """When the last backup succeeded."""
    diagnosed_at: Millis | None = None
    troubles: tuple[Trouble, ...] = ()
    """The worst first."""

    @property
    def level(self) -> Level:
        return self.troubles[0].level if self.troubles else Level.WELL

    @property
    def behind(self) -> int:
        return sum(lag.behind for lag in self.lags)

    @property
    def behind_since(self) -> Millis | None:
        return min((lag.since for lag in self.lags if lag.since is not None), default=None)
