"""Making sound: samples, chimes, and playing them on this computer."""
