"""The care of the two data files: looked at before they are opened, kept twice, rebuilt when they are damaged."""
