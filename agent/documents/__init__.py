"""What slips say. The renderers take `SlipContent`, whose text about people is masked by its type."""
