"""Headquarters' people: colleagues and what proves who they are, the roster, and what is done about them."""
