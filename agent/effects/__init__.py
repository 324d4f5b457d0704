"""What each kind of event does to this store, one file per family.

Effects are written so that an event read again (a log begun anew) leaves things as they are.
"""
