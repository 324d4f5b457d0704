"""The history of one run, and whether it may have happened (facts/sync.md §4.5).

A history is lines of JSON, one record each, written while the run goes on (`live`) and read from the data files when
it is over (`files`). `checks` reads it once, in linear time. Nothing here knows whether a simulation or real processes
made it.

While it goes on, `t` in seconds of the run's own time:
    sold {channel, order}                              somebody paid there
    told {channel, order}                              the hub answered that it has the order
    did {node, key, number, op, order, body}           committed in an agent's outbox; `body` is a SHA-256
    applied {node, log, log_id, before, after, events, reset}   one commit of the follower
    restored {node, t_image}                           this machine's disk is now as it was then
    cloned {noticed}                                   a copy of a store's disk ran beside it
    converged {seconds}                                after healing; null when it never did
In the end, from the files:
    hub_order, hub_line, hub_refund, hub_exception, hub_head, hub_operation, hub_binding, hub_sale, hub_level, ledger,
    imbalance, late_count
    order, line, refund, exception, cursor, outbox, pick, slip, level, quarantined      of one `node`
"""
