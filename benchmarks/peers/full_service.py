"""Firstline's tier 1 as it serves: chatbot.answering.pipeline, with its PostgreSQL counted too.

Runs in the environment that serves, with DATABASE_URL and REDIS_URL set and the passages' articles
in the one workspace there. How many passages are read is left to the ranker.
"""

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.peers.protocol import Asked, Found, Job, run


def prepare(job: Job) -> Callable[[Asked], Found]:
    os.environ["INFERENCE_THREADS"] = str(job.threads)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from accounts.models import Workspace
    from chatbot.answering import models, pipeline
    from chatbot.answering.contract import AnswerRequest, Decision

    models.warm_up()
    workspace_id = Workspace.objects.get().id
    places = {(one.doc_id, one.start): number for number, one in enumerate(job.passages)}

    def found(decision: Decision) -> Found:
        ranked = [places[row.doc_id, row.start] for row in decision.evidence]
        if not decision.citations:
            return Found(ranked)
        first, quote = decision.evidence[0], decision.citations[0].quote
        start = first.text.find(quote)
        if start >= 0:
            return Found(ranked, (ranked[0], start, start + len(quote)))
        if first.answer_start is None or first.answer_end is None:
            return Found(ranked)
        start, end = first.answer_start - first.start, first.answer_end - first.start
        return Found(ranked, (ranked[0], max(start, 0), max(end, 0)))

    return lambda one: found(
        pipeline.answer(AnswerRequest(workspace_id, one.question, history=one.history))
    )


def postgres_s() -> float:
    """Processor seconds of every PostgreSQL process of this benchmark, also of those that ended."""
    postmaster = int(os.environ["POSTMASTER_PID"])
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # After the name in brackets: state, parent, …, utime, stime, cutime, cstime.
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # it ended meanwhile
            continue
        if int(folder.name) == postmaster:
            ticks += sum(int(one) for one in fields[11:15])
        elif int(fields[1]) == postmaster:
            ticks += sum(int(one) for one in fields[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    run(prepare, also_s=postgres_s)
