"""The door of the stores' agents: raw ASGI, the hub's hot paths."""
