"""Prescriptions at the hub: the record, its images, who decided, and that none is used twice (facts/compliance.md R10).

What comes in changes one thing (an image, a decision, a line, another order's end); `standing.review` then says how the
prescription stands, and the store is told if that is news. So the order in which things come in makes no difference.
"""
