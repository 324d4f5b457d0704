"""Practice for clerks: the same pages, picking and slips over orders that nobody placed.

A second local server in the same process, with data of its own that are made new each time and deleted at the end, and
with a printer and a headquarters made of software. Nothing here knows the hub, the real outbox or the real report.
"""
