"""The service in the store."""
