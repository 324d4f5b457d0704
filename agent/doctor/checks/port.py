"""Is the page's port ours, free, or somebody else's?"""

import socket

from agent.doctor.case import Case
from agent.doctor.findings import Finding, found
from agent.system import ports, surroundings


def port(case: Case) -> list[Finding]:
    """Where a service of ours runs and could not be asked, it is the holder that is shown."""
    number = case.settings.page_port
    if case.running is not None:
        return [found("port.ok", port=number)]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
            ports.claim(listening)
            listening.bind(("127.0.0.1", number))
            listening.listen()
    except OSError as error:
        return [found("port.taken", port=number, who=surroundings.holder_of(number), detail=str(error))]
    return [found("port.free", port=number)]
