"""Everything of the Windows package: a Python to freeze with, the installer, and wine to try it under."""
