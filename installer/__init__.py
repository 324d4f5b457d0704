"""Packaging, registration, and the one-machine demo."""
