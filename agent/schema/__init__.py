"""The tables of the two data files. STRICT: what has another type than its column is refused, not stored."""
