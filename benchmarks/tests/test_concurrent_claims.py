"""The race of the benchmark, small enough for every run."""

from collections import Counter

import pytest

from accounts.models import Workspace
from benchmarks.concurrent_claims import claim_all, new_agents, queued, wrong


@pytest.mark.django_db(transaction=True)
def test_every_conversation_has_one_winner_however_many_claim_it() -> None:
    workspace = Workspace.objects.create(slug="acme", name="Acme")
    ids = queued(workspace.id, 12)
    done = claim_all(new_agents(workspace.id, 6), ids)
    assert (len(done.won), done.refused) == (12, 60)
    assert wrong(workspace.id, Counter(done.won.keys()), done.won) == []
    nobody = wrong(workspace.id, Counter(), {})
    assert len(nobody) == 12  # and what is wrong is found
