"""Asking the doctor, of an agent that runs and of one that does not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from agent.config import Settings
from agent.doctor.case import Case, standing_alone
from agent.doctor.examination import examine
from agent.doctor.findings import Finding, Level, worst
from agent.doctor_api import Examination
from agent.errors import AgentError
from tests.agent.shell.conftest import Agent


async def examined(agent: Agent) -> dict[str, Finding]:
    """By id, which a healthy store's devices and network have once each."""
    answer = await agent.client.post("/api/doctor", json={}, timeout=40)
    assert answer.status_code == 200, answer.text
    told = msgspec.json.decode(answer.content, type=Examination)
    assert told.level is worst(told.findings)
    return {finding.id: finding for finding in told.findings}


def case_of(settings: Settings) -> Case:
    return standing_alone(settings, Path("agent.toml"), "0.1.0", unanswered=AgentError("no agent answers"))


async def alone(settings: Settings, **how: Any) -> dict[str, Finding]:
    """As the command looks while no agent runs."""
    return {finding.id: finding for finding in await examine(replace(case_of(settings), **how))}


def is_bad(finding: Finding) -> bool:
    """With something to do in both languages."""
    return finding.level is Level.BAD and bool(finding.what.zh and finding.what.en and finding.do.zh and finding.do.en)
