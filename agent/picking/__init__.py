"""The work of collecting one order, in this store: who holds it, what lies in its bag, what a person must still say.

`agent.judging` hears the scans; the steps here are plain functions over one transaction, alike with the hub gone for
days. `domain.rules` decides, this gathers, writes, and chains each step into the order's trail.
"""
