"""A log's state in one piece, for an agent that is new, was away too long, or follows another incarnation of the log.

`rows` is what a snapshot is made of, `of_store` and `of_catalogue` fold a log, `folds` names them, `writing` makes the
file, `shelf` keeps it while it serves. `cloud.edge.snapshots` is its door.
"""
