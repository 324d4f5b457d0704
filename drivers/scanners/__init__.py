"""Barcode scanners: framing and transports."""
