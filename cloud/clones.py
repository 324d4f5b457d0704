"""One device, two computers: the rule that notices it, without a clock (facts/sync.md R16).

A boot is one run of the agent's program. A new one takes over from the one before, whose sessions end: an honest
computer's old run is dead by then, since its data folder admits one program at a time. A run that was taken over and
*afterwards* asks for a session again is therefore alive beside its successor, on a copy of the same disk.

"Afterwards" is proven by the nonce it signed: a nonce is good for one session only, so whoever uses the newest one has
asked after the last session began. A request of the dead run that was long on its way carries an older nonce and
proves nothing.
"""

import msgspec

REMEMBERED = 16
"""Of the runs taken over. One that was forgotten counts as new: it takes over, and the other proves itself alive."""


class Boots(msgspec.Struct, frozen=True):
    now: str = ""
    before: tuple[str, ...] = ()
    """Newest first."""


def spoke(boots: Boots, boot: str) -> Boots | None:
    """With the newest nonce. None: two computers are alive at once."""
    if boot == boots.now:
        return boots
    if boot in boots.before:
        return None
    before = (boots.now, *boots.before) if boots.now else boots.before
    return Boots(boot, before[:REMEMBERED])
