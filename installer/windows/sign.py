"""`python -m installer.windows.sign FILE…`: signs with the certificate that the environment names, else does nothing.
makensis calls it for the installer and for the uninstaller inside it."""

import sys
from pathlib import Path

from installer.windows.signing import SigningFailed, certificate


def main() -> int:
    try:
        if (found := certificate()) is not None:
            for program in sys.argv[1:]:
                found.sign(Path(program))
    except SigningFailed as error:
        print(f"sign: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
