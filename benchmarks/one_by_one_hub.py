"""The hub with a commit for each order: the baseline that shows what taking them in together is worth."""

import sys

from cloud import cli, embedded_writing

embedded_writing.GROUP = 1

if __name__ == "__main__":
    sys.exit(cli.main())
