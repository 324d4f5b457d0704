"""The chain's lists of pack codes: sold, recalled, banned. What is told of them, and who puts codes on them."""
