"""Many agents claim the same conversations at once: each must have one winner.

    python -m benchmarks.concurrent_claims [--conversations 1000] [--agents 10] [--processes 2]

A fresh private PostgreSQL; every agent claims every conversation, in the same order, from a thread
and a connection of its own, spread over processes: conversations × agents claims. Says how many
were won and refused, whether each conversation has one owner, one claim in its history and no
other one, and how fast that went. Ends with status 1 if any has not.
"""

import argparse
import multiprocessing
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import TYPE_CHECKING
from uuid import UUID

from config.local.private import temporary

if TYPE_CHECKING:
    from accounts.models import Member


START_S = 120.0  # a process imports Django first, and the machine may be busy
_together: Barrier | None = None


@dataclass(frozen=True)
class Claims:
    """What one process saw: the winners by conversation, and how many claims were refused."""

    won: dict[UUID, UUID]
    refused: int


def claim_all(members: Sequence["Member"], conversations: Sequence[UUID]) -> Claims:
    """Each member in a thread claims each conversation; all begin at the same moment."""
    from django.db import connections

    from chatbot import handoff
    from chatbot.errors import Conflict

    start = threading.Barrier(len(members))

    def work(member: "Member") -> tuple[list[UUID], int]:
        won, refused = [], 0
        start.wait(timeout=START_S)
        try:
            for one in conversations:
                try:
                    handoff.claim(member, one)
                except Conflict:
                    refused += 1
                else:
                    won.append(one)
        finally:
            connections.close_all()
        return won, refused

    with ThreadPoolExecutor(len(members)) as pool:
        results = list(pool.map(work, members))
    owners = [(one, member.id) for member, (won, _) in zip(members, results, strict=True)
              for one in won]  # fmt: skip
    assert len(owners) == len({one for one, _ in owners}), "two threads won the same one"
    return Claims(dict(owners), sum(refused for _, refused in results))


def wrong(workspace_id: UUID, winners: Counter[UUID], owners: dict[UUID, UUID]) -> list[str]:
    """What is not as it must be, in words."""
    from accounts.scope import workspace_scope
    from chatbot.models import Conversation, Event, Handoff

    found = []
    with workspace_scope(workspace_id):
        claims = Counter(
            Event.objects.filter(kind="owner.changed", payload__reason="claim").values_list(
                "conversation_id", flat=True
            )
        )
        running = Counter(
            Handoff.objects.filter(ended_at__isnull=True, claimed_by__isnull=False).values_list(
                "conversation_id", flat=True
            )
        )
        for row in Conversation.objects.all():
            if winners[row.id] != 1 or claims[row.id] != 1 or running[row.id] != 1:
                found.append(f"{row.id}: {winners[row.id]} winners, {claims[row.id]} claims")
            elif owners[row.id] != row.owner_member_id:
                found.append(f"{row.id}: the owner is not the one who was told so")
    return found


def queued(workspace_id: UUID, count: int) -> list[UUID]:
    """Visitors who asked for a person."""
    from accounts.scope import workspace_scope
    from chatbot import handoff
    from chatbot.models import Channel, Contact, Conversation

    ids = []
    for _ in range(count):
        with workspace_scope(workspace_id):
            contact = Contact.objects.create(workspace_id=workspace_id)
            row = Conversation.objects.create(
                workspace_id=workspace_id, channel=Channel.API, contact=contact
            )
            handoff.request(row, reason="asked_for_person")
        ids.append(row.id)
    return ids


def new_agents(workspace_id: UUID, count: int) -> list["Member"]:
    from accounts.models import Member, Role, User
    from accounts.scope import workspace_scope

    found = []
    for number in range(count):
        user = User.objects.create_user(f"agent{number}@example.org")
        with workspace_scope(workspace_id):
            found.append(
                Member.objects.create(
                    workspace_id=workspace_id,
                    user=user,
                    role=Role.AGENT,
                    display_name=f"Agent {number}",
                )
            )
    return found


def _set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    import logging

    logging.disable(logging.WARNING)  # hints are lost where no desk listens


def _begin_with(barrier: Barrier) -> None:
    """In each process, before its work: all of them begin at the same moment."""
    global _together  # noqa: PLW0603  # a barrier reaches a process only as it is made
    _together = barrier


def _process(members: Sequence[UUID], conversations: Sequence[UUID], workspace_id: UUID) -> Claims:
    _set_up()
    from accounts.models import Member
    from accounts.scope import workspace_scope

    with workspace_scope(workspace_id):
        found = list(Member.objects.filter(id__in=members))
    if _together is not None:
        _together.wait(timeout=START_S)
    return claim_all(found, conversations)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--agents", type=int, default=10)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    print("python -m benchmarks.concurrent_claims", " ".join(sys.argv[1:]), flush=True)
    with temporary() as services:
        os.environ.update(services.environment)
        sys.exit(_race(arguments))


def _race(arguments: argparse.Namespace) -> int:
    _set_up()
    from django.core.management import call_command
    from django.db import connections

    from accounts.models import Workspace

    call_command("migrate", database="owner", verbosity=0)
    workspace = Workspace.objects.create(slug="benchmark", name="Benchmark")
    ids = queued(workspace.id, arguments.conversations)
    agents = [one.id for one in new_agents(workspace.id, arguments.agents)]
    connections.close_all()
    parts = [agents[number :: arguments.processes] for number in range(arguments.processes)]
    parts = [part for part in parts if part]
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    given = (context.Barrier(len(parts)),)
    with ProcessPoolExecutor(
        len(parts), mp_context=context, initializer=_begin_with, initargs=given
    ) as pool:
        running = [pool.submit(_process, part, ids, workspace.id) for part in parts]
        results = [one.result() for one in running]  # a process that died is an error, not a wait
    took_s = time.perf_counter() - began
    winners = Counter(one for result in results for one in result.won)
    owners = {one: who for result in results for one, who in result.won.items()}
    refused = sum(result.refused for result in results)
    problems = wrong(workspace.id, winners, owners)
    claims = winners.total() + refused
    print(f"{claims:,} claims of {len(ids):,} conversations by {len(agents)} agents in "
          f"{len(parts)} processes: {winners.total():,} won, {refused:,} refused, "
          f"{took_s:.0f} s, {claims / took_s:,.0f} claims a second")  # fmt: skip
    print("\n".join(problems) or "each conversation has one winner, one claim and one owner")
    return 1 if problems else 0


if __name__ == "__main__":
    main()
