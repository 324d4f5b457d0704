"""Do the rules of picking ever let something through that they must not? Random orders, clerks and mishaps over the
pure domain; an oracle of its own says what was legal (`python -m benchmarks.pick_rules [--short] --json`)."""
