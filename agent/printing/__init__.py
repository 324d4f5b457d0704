"""From the durable queue of slips to paper: one owner thread per printer (design.md §7)."""
