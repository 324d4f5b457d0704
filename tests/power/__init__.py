"""What would be on the disk had the power failed at some moment (facts/sync.md §4.3): `recorder/` writes down what a
process did to its files, `disk` tells what of it was safe when, `images` draws what a disk may hold after the cut."""
