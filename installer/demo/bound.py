"""`python -m installer.demo.bound MODULE …`: runs one of our programs for as long as the demo lives.

Its standard input is a pipe that nobody writes to and that ends with the demo, even by `kill -9`. Without this a hub
and agents that nobody owns would stay on the data and on its ports.
"""

import os
import runpy
import signal
import sys
import threading


def main() -> None:
    del sys.argv[0]
    threading.Thread(target=end_with_the_demo, daemon=True).start()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def end_with_the_demo() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
