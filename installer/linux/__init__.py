"""The packages for Linux: deb and rpm from one description (nfpm.yaml), with the unit and the start of the tray."""
