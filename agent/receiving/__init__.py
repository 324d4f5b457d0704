"""Goods that come in (收货): a draft filled by scans, by hand or from a file, and written down at once."""
