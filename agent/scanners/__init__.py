"""The store's scanners. `worker` brings a scan to its verdict, `scanner_set` follows agent.toml.

known     what is kept of them: the speed of a line, how the set-up sheet was read
sheet     the set-up sheet: what a scan of it says of the scanner
nearby    what hangs on this computer; `listing` puts it together with the settings
changing  taken and left at a person's wish; `scanner_settings` writes it down
masking   a scan as it may be shown
api       all of it over the local API
"""
