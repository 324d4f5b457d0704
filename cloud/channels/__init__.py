"""The channels: one folder each, the same seam, the same file names."""
