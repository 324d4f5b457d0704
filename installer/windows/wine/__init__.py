"""Windows programs on this machine, as far as wine goes."""
