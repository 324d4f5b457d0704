"""Where the frozen agent begins. It lies outside `agent/`: PyInstaller puts a script's folder on the path, and there
`secrets` would no longer be the standard library's."""

import sys

from agent.cli import main

sys.exit(main())
