"""One step of a run, in the knowledge worker: work with no transaction open, then hand on.

Running a step twice is harmless: every page says by itself what became of it.
"""

from collections.abc import Callable

from accounts.scope import workspace_scope
from knowledge.models import Source
from knowledge.sources import git, runs, site
from knowledge.sources.runs import Ended, SourceFailed, Stopped
from knowledge.sources.visiting import Tools
from outbox.queue import LeasedJob

ADVANCE: dict[str, Callable[[Source, Tools], Ended | None]] = {
    "site": site.advance,
    "git": git.advance,
}
WORKER = Tools()


def step(job: LeasedJob, tools: Tools = WORKER) -> None:
    with workspace_scope(job.workspace_id):
        source = runs.of_job(job)
        if source is None:
            job.complete()
            return
    try:
        ended = ADVANCE[source.kind](source, tools)
    except SourceFailed as error:
        ended = Ended(str(error))
    except Stopped:
        with workspace_scope(job.workspace_id):
            job.complete()
        return
    with workspace_scope(job.workspace_id):
        job.complete()
        if runs.of_job(job) is None:
            return
        if ended is None:
            runs.next_step(source)
        else:
            runs.finish(source, ended.message)
