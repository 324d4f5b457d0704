"""The history of one run, and whether it may have happened (facts/sync.md §4.5).

A history is lines of JSON, one record each. Some are written while the run goes on (by the simulation's `Recorder`, or
by the kill campaign's `Watch`), the others are read from the data files when it is over (`files`). `checks` reads it
once, in linear time. Nothing here knows whether a simulation or real processes made it.

While the run goes on, with `t` in seconds of its own time:
    sold {channel, order}                              somebody paid there
    told {channel, order}                              the hub answered that it has the order
    due {channel, order}                               in the end the hub must have this order, told or swept
    did {node, key, number, op, order, body}           committed in an agent's outbox; `body` is a SHA-256
    applied {node, log, log_id, before, after, events, reset}   one commit of the follower
    restored {node, t_image}                           this machine's disk is now as it was then
    cloned {noticed}                                   a copy of a store's disk ran beside it
    converged {seconds}                                after healing; null when it never did
    older {node, unknown}, counter_sale {store, sale, sku, code}     for people who read the history
From the files, when it is over, a record for each row of the queries in `files`:
    hub_…, ledger, imbalance, late_count, held, slip_step       of the hub
    order, line, refund, exception, cursor, outbox, pick, slip, level, listed, quarantined      of one `node`
"""
