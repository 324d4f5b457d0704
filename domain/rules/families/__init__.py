"""The rules by family; each is a function that answers or is silent. `domain.rules.judging` has their order."""
