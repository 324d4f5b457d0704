"""Who works in this store: known colleagues, who is signed in where, who proves what, which pharmacist is on duty.

Where headquarters named nobody, nobody is asked: work goes on without names.
"""
