"""Pure rules and types that hub and agent share: no I/O, no clock, no randomness."""
