"""Slip printers: documents, layout, ESC/POS, transports."""
