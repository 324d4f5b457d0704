"""The system around the agent on Windows: service control manager, netstat, netsh, Security Center, powercfg."""

import csv
import platform
import re

import pywintypes
import win32service

from agent.surroundings import FirewallState, ServiceState, said

SERVICE = "YaolinkAgent"
_OEM = "oem"
"""The code page in which the console tools of Windows speak."""


def system_name() -> str:
    """For the support bundle."""
    return platform.platform()


def service_state() -> ServiceState | None:
    """None where the agent is not installed as a service."""
    try:
        manager = win32service.OpenSCManager(None, None, win32service.SC_MANAGER_CONNECT)
        service = win32service.OpenService(
            manager, SERVICE, win32service.SERVICE_QUERY_STATUS | win32service.SERVICE_QUERY_CONFIG
        )
        state = win32service.QueryServiceStatus(service)[1]
        start_type = win32service.QueryServiceConfig(service)[1]
        win32service.CloseServiceHandle(service)
        win32service.CloseServiceHandle(manager)
    except pywintypes.error:
        return None
    running = state in (win32service.SERVICE_RUNNING, win32service.SERVICE_START_PENDING)
    return ServiceState(
        running=running,
        automatic=start_type == win32service.SERVICE_AUTO_START,
        how=f"Windows: state {state}",
        start=f"net start {SERVICE}",
        enable=f"sc config {SERVICE} start= auto",
    )


def holder_of(port: int) -> str:
    """Which program listens there."""
    for line in (said("netstat", "-ano", "-p", "TCP", encoding=_OEM) or "").splitlines():
        fields = line.split()
        if len(fields) == 5 and fields[1].endswith(f":{port}") and fields[2].endswith(":0"):
            listed = said("tasklist", "/fi", f"PID eq {fields[4]}", "/fo", "csv", "/nh", encoding=_OEM) or ""
            name = next(csv.reader(listed.splitlines()), ["?"])[0]
            return f"{name} (pid {fields[4]})"
    return "?"


def firewall_state() -> FirewallState:
    shown = said("netsh", "advfirewall", "show", "currentprofile", "firewallpolicy", encoding=_OEM)
    if shown is None:
        return FirewallState(known=False)
    return FirewallState(known=True, strict="Windows Firewall: BlockOutbound" if "BlockOutbound" in shown else "")


def antivirus() -> tuple[str, ...]:
    """As the Security Center lists them; a Windows Server has none."""
    query = "Get-CimInstance -Namespace root/SecurityCenter2 -ClassName AntiVirusProduct | % displayName"
    listed = said("powershell", "-NoProfile", "-NonInteractive", "-Command", query, encoding=_OEM) or ""
    return tuple(sorted({line.strip() for line in listed.splitlines() if line.strip()}))


def sleeps_after_minutes() -> int | None:
    """None: it does not sleep on mains power. The last two numbers are seconds on mains and on battery; 0 is never."""
    shown = said("powercfg", "/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE", encoding=_OEM) or ""
    numbers = re.findall(r"0x([0-9a-fA-F]{8})", shown)
    seconds = int(numbers[-2], 16) if len(numbers) >= 2 else 0
    return seconds // 60 or None
