# README's commands: `make run` shows the product, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup test test-system check packages lock system-packages system-tools clean

run: setup
	$(BIN)/yaolink-demo

setup: $(VENV)/.product

# Three at a time, a file at a time: the tests mostly wait, for processes, printers and clocks.
test: $(VENV)/.development system-packages check
	$(BIN)/python -m pytest -n 3 --dist loadfile

# What no ordinary test can prove: the installed packages on a booted Debian and under wine, the tray on a screen. Needs
# root; takes an hour on two busy cores.
test-system: $(VENV)/.development system-packages packages
	$(BIN)/python -m pytest -m system

check: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32 --exclude '(_linux|virtual/pty_line|virtual/scanner|virtual/serial_door)\.py$$' agent domain drivers erp

# A stamp per lock file: installing again only when what is to be installed has changed.
$(VENV)/.product: locks/product.txt setup.cfg pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/product.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.development: $(VENV)/.product locks/development.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/development.txt
	touch $@

# What is frozen into a package is what this environment holds: the product's libraries and the tools, no tests.
PACKAGING := build/venv
packages: $(PACKAGING)/.ready system-tools
	rm -rf dist
	$(PACKAGING)/bin/python -m installer.build linux
	$(PACKAGING)/bin/python -m installer.windows.build
	$(PACKAGING)/bin/python -m installer.build sums

$(PACKAGING)/.ready: locks/packaging.txt setup.cfg pyproject.toml
	test -x $(PACKAGING)/bin/python || $(PYTHON) -m venv $(PACKAGING)
	$(PACKAGING)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/packaging.txt
	$(PACKAGING)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# From the system: the browser of the page tests, what reads a PDF back, and the broker that sync is measured beside.
# Everything else is in the lock files.
SYSTEM_PACKAGES := chromium gcc libc6-dev mosquitto poppler-utils
system-packages:
	@dpkg-query --show $(SYSTEM_PACKAGES) >/dev/null 2>&1 || \
	    { apt-get update -q && apt-get install -y -q --no-install-recommends $(SYSTEM_PACKAGES); }

SYSTEM_TOOLS := binutils debootstrap dpkg-dev gpg gpg-agent gpgconf lintian rpm systemd-container
# To build for Windows, and to run what was built.
SYSTEM_TOOLS += gcc-mingw-w64-x86-64 nsis osslsigncode unzip wine wine64
# What goes into the packages for printers on USB, and a print service to print through.
SYSTEM_TOOLS += libusb-1.0-0 cups
# To hold the packaged speech against its source.
SYSTEM_TOOLS += espeak-ng sox
# A desktop for the tray: a screen, a panel, notifications, a mouse, and Debian's own pystray.
SYSTEM_TOOLS += dbus-daemon dunst fonts-noto-cjk gir1.2-ayatanaappindicator3-0.1 gir1.2-gtk-3.0 imagemagick python3-gi \
    python3-pystray trayer xdotool xvfb
system-tools:
	@dpkg-query --show $(SYSTEM_TOOLS) >/dev/null 2>&1 || \
	    { apt-get update -q && apt-get install -y -q --no-install-recommends $(SYSTEM_TOOLS); }

# Resolved together, so that what is tested is what is frozen. The Windows list is apart because pip, told to install for
# another system, judges markers by its own.
COMPILE := $(PYTHON) -m uv pip compile --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
    --custom-compile-command "make lock" --quiet setup.cfg
lock:
	$(COMPILE) --universal -o locks/product.txt
	$(COMPILE) --universal --extra development -c locks/product.txt -o locks/development.txt
	$(COMPILE) --universal --extra freezing --extra packaging --extra usb -c locks/product.txt -o locks/packaging.txt
	$(COMPILE) --python-platform x86_64-pc-windows-msvc --extra tray --extra freezing --extra usb -c locks/product.txt -o locks/windows.txt

clean:
	rm -rf $(VENV) build dist *.egg-info
