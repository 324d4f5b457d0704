"""The ways to a printer, one file each. A wire carries a conversation; a queue of the system's takes whole jobs."""
