"""Ten thousand slips through faults and kills: what the store believes held against what lies on paper."""
