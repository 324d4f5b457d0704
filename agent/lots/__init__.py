"""Stock by lot: what is there, until when it may be sold, and what becomes of it."""
