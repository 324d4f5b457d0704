"""A log begun anew from the hub's snapshot: fetched to a part file (`fetching`), read through to its checksum
(`reading`), and put in the place of what the log had made here, in one transaction (`loading`). What the store did
itself stays: outbox, picks, bindings, slips, scans, sold codes, trail.
"""
