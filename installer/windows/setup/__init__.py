"""The installer: what it does on a PC is in agent.nsi, what it says in words.nsh."""
