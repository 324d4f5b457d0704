"""The fleet: every store's agent as headquarters sees it, and what of it needs a person."""
