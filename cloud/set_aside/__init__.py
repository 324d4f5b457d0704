"""Facts that took no effect: kept as they came, tried again for a cause, settled by a person."""
