"""The scheduled jobs and the data files over the local API."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from agent.jobs.job import JobView
from agent.local_api import Done
from agent.parts import Parts
from agent.storage import backups, story
from agent.storage.setting_aside import all_aside
from agent.storage.story import Told
from domain.times import Millis


class BackupView(msgspec.Struct, frozen=True):
    name: str
    at: Millis
    size: int


class DataView(msgspec.Struct, frozen=True):
    """Sizes and room in bytes. `aside` are damaged files that were set aside and still lie there."""

    size: int
    free: int
    scarce: bool
    backups: tuple[BackupView, ...]
    aside: tuple[str, ...]
    told: tuple[Told, ...]


class HealthView(msgspec.Struct, frozen=True):
    now: Millis
    jobs: tuple[JobView, ...]
    data: DataView


class Made(msgspec.Struct, frozen=True):
    path: str


class SeenBody(msgspec.Struct, forbid_unknown_fields=True):
    happening_id: int


@get("/api/health")
async def get_health(parts: NamedDependency[Parts]) -> HealthView:
    return await health_view(parts)


@post("/api/jobs/{name:str}/run", status_code=200, sync_to_thread=False)
def run_job(parts: NamedDependency[Parts], name: FromPath[str]) -> Done:
    parts.care.jobs.begin(name)
    return Done()


@post("/api/backup", status_code=200)
async def back_up(parts: NamedDependency[Parts]) -> Made:
    """At once, and its path within the data folder: for the command line."""
    folder = parts.work.path.parent
    made = await asyncio.to_thread(backups.back_up, folder, parts.work.now)
    return Made(str(made.relative_to(folder)))


@post("/api/health/seen", status_code=200)
async def seen(parts: NamedDependency[Parts], data: JSONBody[SeenBody]) -> Done:
    await parts.work.awrite(partial(story.seen, happening_id=data.happening_id))
    return Done()


async def health_view(parts: Parts) -> HealthView:
    told = await parts.work.aread(story.last)
    return HealthView(parts.work.now(), parts.care.jobs.views, _data(parts, told))


def _data(parts: Parts, told: tuple[Told, ...]) -> DataView:
    files = (parts.work.path, parts.cache.path)
    kept = backups.all_backups(parts.work.path.parent)
    return DataView(
        size=sum(path.stat().st_size for path in files),
        free=parts.care.room.free,
        scarce=parts.care.room.scarce,
        backups=tuple(_backup(path) for path in reversed(kept)),
        aside=tuple(aside.name for path in files for aside in all_aside(path)),
        told=told,
    )


def _backup(path: Path) -> BackupView:
    return BackupView(path.name, backups.made_at(path), path.stat().st_size)


HANDLERS = [get_health, run_job, back_up, seen]
