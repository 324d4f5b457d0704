"""The product with one rule broken, each under a name: what the scenes and the checker must notice.

A mutant is a patch for as long as its scene plays; the product knows nothing of them.
"""
