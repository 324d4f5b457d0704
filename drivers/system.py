"""Which system this is. The only place in `drivers/` that asks: everybody else takes what it needs from here."""

import sys

if sys.platform == "win32":
    from drivers.printers.finding import neighbours_windows as neighbours
    from drivers.printers.finding import queues_windows as queues
    from drivers.printers.finding import usb_windows as usb
    from drivers.printers.transports import node_windows as node
    from drivers.printers.transports import spool_windows as spool
    from drivers.scanners import claim_windows as claim
    from drivers.scanners import hid_windows as hid
    from drivers.sound import player_windows as player
    from drivers.speech import voices_windows as voices
else:
    from drivers.printers.finding import neighbours_linux as neighbours
    from drivers.printers.finding import queues_linux as queues
    from drivers.printers.finding import usb_linux as usb
    from drivers.printers.transports import node_linux as node
    from drivers.printers.transports import spool_linux as spool
    from drivers.scanners import claim_linux as claim
    from drivers.scanners import hid_linux as hid
    from drivers.sound import player_linux as player
    from drivers.speech import voices_linux as voices

__all__ = ["claim", "hid", "neighbours", "node", "player", "queues", "spool", "usb", "voices"]
