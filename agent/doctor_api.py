"""The doctor over the local API. It changes nothing, and is a POST all the same: it works for seconds and asks the
network, which no page of another site may set off."""

import asyncio
from collections.abc import Sequence

import msgspec
from litestar import post
from litestar.di import NamedDependency

from agent.doctor.case import of_running
from agent.doctor.findings import Finding, Level, worst
from agent.parts import Parts


class Examination(msgspec.Struct, frozen=True):
    """`level` is that of the worst finding."""

    level: Level
    findings: tuple[Finding, ...]


@post("/api/doctor", status_code=200)
async def doctor(parts: NamedDependency[Parts]) -> Examination:
    await parts.care.diagnosis.examine()
    findings = parts.care.diagnosis.findings
    return Examination(worst(findings), tuple(findings))


async def examined(parts: Parts) -> Sequence[Finding]:
    from agent.doctor.examination import examine  # 2 MB and half a second that no start need wait for

    return await examine(await asyncio.to_thread(of_running, parts))


HANDLERS = [doctor]
