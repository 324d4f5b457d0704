"""From when on a person should look at a store's agent. What its own page, its doctor and headquarters' fleet page say
of one store must agree."""

from domain.times import DAY, MINUTE, SECOND, Millis

MOST_UNSENT: Millis = 10 * MINUTE
"""How old the outbox may grow while the line is up."""
CLOCK_OFF: Millis = 30 * SECOND
"""The computer's clock from the hub's, either way."""
DISK_LOW = 500 << 20
"""Bytes free. A day of orders is a few megabytes; Windows itself begins to fail below this."""
DISK_SCARCE = 64 << 20
"""Bytes free: below, the agent takes nothing new."""
BACKUP_OLD: Millis = 3 * DAY
