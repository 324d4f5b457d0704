"""Devices made of software for the demo and the tests.

Written from the manufacturers' command pages, never from our own encoder, so that they can catch its errors.

    printer          the whole: its plugs (`links`, `serial_door` on a `pty_line`) and its thread
    firmware         what it does with received bytes: `receive_buffer`, `commands`, `real_time`, `replies`
    engine           time; `mechanism` paper; `slip` what came out, and its `picture`
    dialect, faults  which questions a model answers, and what ails it; `other_program` holds it
    scanner          a serial scanner
"""
