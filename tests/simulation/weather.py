"""What goes wrong, how often: one number per named fault, the same for the whole of a seed."""

from random import Random

import msgspec


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of requests (0 to 1), and means in seconds of store time; 0 means never."""

    lose_request: float = 0.0
    """It never arrives, and nothing says so."""
    double_request: float = 0.0
    """It arrives again, seconds or minutes later, as a proxy or a retry below us does."""
    delay: float = 0.0
    """It takes up to a minute and a half: the asker has given up before it arrives."""
    lose_answer: float = 0.0
    """What it did is done; of the answer not a byte comes."""
    cut_answer: float = 0.0
    """The line breaks in the middle of an answer or a frame."""
    lose_frame: float = 0.0
    """One message of a stream is gone, and what follows arrives."""
    half_open: float = 0.0
    """The line goes silent both ways, open for both."""
    refuse: float = 0.0
    """Something on the way answers with an error page of its own."""
    crash_before_commit: float = 0.0
    """Of the agent's commits."""
    crash_after_commit: float = 0.0
    hub_crash_before_commit: float = 0.0
    hub_crash_after_commit: float = 0.0
    partition_every: float = 0.0
    hub_death_every: float = 0.0
    """Its process dies, and for some seconds to minutes there is none."""
    agent_death_every: float = 0.0
    agent_clock_every: float = 0.0
    """It jumps by seconds, hours or years."""
    hub_clock_every: float = 0.0
    compaction_every: float = 0.0
    """All events so far are removed, even those that some agent has not applied yet."""
    agent_restore_every: float = 0.0
    """Its disk becomes what it was up to twenty minutes ago."""
    hub_restore_every: float = 0.0
    older_agents: float = 0.0
    """The share of stores that begin with a program which does not know one or two kinds of events. Each is updated at
    some time of the run."""
    older_hub: float = 0.0
    """The chance that the hub begins with a program which does not know one or two kinds of operations, and is updated
    at some time of the run."""


CALM = Weather()
_LEVELS: dict[str, tuple[float, ...]] = {
    "lose_request": (0, 0.01, 0.1),
    "double_request": (0, 0.01, 0.1),
    "delay": (0, 0.01, 0.05),
    "lose_answer": (0, 0.01, 0.1),
    "cut_answer": (0, 0.01, 0.05),
    "lose_frame": (0, 0.01, 0.1),
    "half_open": (0, 0.005, 0.03),
    "refuse": (0, 0.01, 0.05),
    "crash_before_commit": (0, 0.0005, 0.004),
    "crash_after_commit": (0, 0.0005, 0.004),
    "hub_crash_before_commit": (0, 0.0002, 0.002),
    "hub_crash_after_commit": (0, 0.0002, 0.002),
    "partition_every": (0, 3600, 900),
    "hub_death_every": (0, 7200, 1800),
    "agent_death_every": (0, 7200, 1800),
    "agent_clock_every": (0, 7200, 1800),
    "hub_clock_every": (0, 0, 3600),
    "compaction_every": (0, 0, 1200),
    "agent_restore_every": (0, 0, 0, 2400),
    "hub_restore_every": (0, 0, 0, 2400),
    "older_agents": (0, 0, 0.5),
    "older_hub": (0, 0, 1),
}


def drawn(random: Random) -> Weather:
    """Every seed has a mix of its own, so that rare faults also meet without others beside them."""
    return Weather(**{name: random.choice(levels) for name, levels in _LEVELS.items()})
