"""What the knowledge worker does: index and publish revisions, import uploaded files, publish and
archive at the scheduled moment, change many articles step by step, read sources.

Steps of sources wait for other people's servers most of their time, and a large upload takes
minutes, so they run in threads beside the worker's own one, which indexes what an editor publishes
meanwhile.
"""

import asyncio
from uuid import UUID

from accounts.scope import workspace_scope
from knowledge import bulk, indexing, near, scheduling, snapshots, uploads
from knowledge.articles import INDEX_KIND
from knowledge.models import Revision
from knowledge.sources import removal, runs, steps
from outbox.queue import LeasedJob
from outbox.registry import async_handler, handler
from outbox.threads import in_thread

READERS = 4  # sources that one worker reads at a time


def index_failed(job: LeasedJob) -> None:
    """The list says so. Runs in the transaction that buries the job."""
    indexing.gave_up(UUID(job.payload["revision_id"]))


@handler(INDEX_KIND, lease_s=120.0, max_attempts=5, on_dead=index_failed)
def index_revision(job: LeasedJob) -> None:
    """Cut and embed with no transaction open, publish in one. Running twice is harmless."""
    with workspace_scope(job.workspace_id):
        revision = Revision.objects.filter(id=UUID(job.payload["revision_id"])).first()
        if revision is None:
            job.complete()
            return
    prepared = indexing.prepare(revision)
    indexing.embed_and_publish(job.workspace_id, [prepared], before_commit=job.complete)


@async_handler(uploads.KIND, lease_s=120.0, max_attempts=5, on_dead=uploads.give_up)
async def import_upload(job: LeasedJob) -> None:
    """Some batches; the next step is asked for in the transaction that ends this one."""
    async with _free_importer():
        await in_thread(uploads.run, job)


@handler(scheduling.KIND, lease_s=30.0, max_attempts=5, on_dead=scheduling.give_up)
def keep_schedule(job: LeasedJob) -> None:
    """Publish or archive, if this moment is still the one that is wanted."""
    scheduling.run(job)


@handler(bulk.KIND, lease_s=120.0, max_attempts=3, on_dead=bulk.give_up)
def bulk_step(job: LeasedJob) -> None:
    """Some articles; the next step is asked for in the transaction that ends this one."""
    bulk.run(job)


@handler(near.KIND, lease_s=120.0, max_attempts=5)
def grow_graph(job: LeasedJob) -> None:
    """Some vectors of a large workspace; the next step is asked for in the same transaction."""
    near.run(job)


@handler(snapshots.KIND, lease_s=60.0, max_attempts=5)
def build_snapshot(job: LeasedJob) -> None:
    """What browsers search while a visitor types."""
    snapshots.run(job)


@async_handler(runs.STEP, lease_s=60.0, max_attempts=5, on_dead=runs.give_up)
async def sync_source(job: LeasedJob) -> None:
    """Some pages, or a repository; the next step is asked for in the transaction that ends it."""
    async with _free_reader():
        await in_thread(steps.step, job)


def _free_importer() -> asyncio.Semaphore:
    """One upload at a time: it is the processor that they wait for."""
    return _importers.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(1))


_importers: dict[int, asyncio.Semaphore] = {}
_places: dict[int, asyncio.Semaphore] = {}


def _free_reader() -> asyncio.Semaphore:
    """One semaphore for each loop: a loop that was made after a fork needs its own."""
    return _places.setdefault(id(asyncio.get_running_loop()), asyncio.Semaphore(READERS))


@handler(runs.SCHEDULED)
def run_source(job: LeasedJob) -> None:
    """A source's hours are over."""
    with workspace_scope(job.workspace_id):
        job.complete()
        runs.begin_scheduled(UUID(job.payload["source_id"]), UUID(job.payload["ticket"]))


@handler(removal.KIND, lease_s=60.0)
def delete_source(job: LeasedJob) -> None:
    """One batch of its articles; the next one is asked for in the same transaction."""
    removal.step(job)
