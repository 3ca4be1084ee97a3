"""A row of acme's for every id in an address of the console, and all that acme has.

Each text holds SECRET, so that a page of another workspace that shows one can be told.
"""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.apps import apps
from django.utils import timezone

from accounts import keys
from accounts.scope import workspace_scope
from chatbot.models import (
    CachedAnswer,
    CannedReply,
    Contact,
    IdentityKey,
    LargeModel,
    Message,
    Queue,
    Receipt,
    Turn,
)
from console.tests import pages
from knowledge import editing
from knowledge.articles import upsert_article
from learning.models import (
    Audit,
    ConfirmedAnswer,
    Digest,
    GapGroup,
    GapQuestion,
    ModelVersion,
    ReplayRun,
    TrainingRun,
)
from learning.replay import Wanted
from tests.cast import Cast

SECRET = "okapi"
MEAN = np.eye(384)[0]
REPLAYED = asdict(Wanted(risk=0.1))


def rows(cast: Cast) -> dict[str, Any]:
    """name → id, as console.tests.routes.ARGUMENTS calls them."""
    with workspace_scope(cast.workspace.id):
        return _knowledge(cast) | _asked(cast) | _settings(cast)


def everything(cast: Cast) -> dict[str, list[str]]:
    """All rows of acme, whatever table they are in."""
    with workspace_scope(cast.workspace.id):
        return {
            model.__name__: sorted(map(repr, _owned(model, cast.workspace.id)))
            for model in apps.get_models()
            if any(field.name == "workspace" for field in model._meta.concrete_fields)
        }


def _owned(model: Any, workspace_id: UUID) -> Any:
    return model._default_manager.filter(workspace_id=workspace_id).values()


def _knowledge(cast: Cast) -> dict[str, Any]:
    return {
        "article": _drafted(cast),
        "other_article": _in_german(cast),
        "bulk": pages.bulk_change(cast).id,
        "check": pages.checked(cast, text=f"An {SECRET}.").id,
        "question": pages.golden_question(cast, key=SECRET).id,
        "source": pages.source(cast).id,
        "tag": pages.tag(cast).id,
        "tried": pages.tried(cast).id,
        "upload": pages.upload(cast).id,
    }


def _drafted(cast: Cast) -> UUID:
    """Published by somebody, with a draft of alice's beside."""
    found = pages.article(cast, text=f"An {SECRET}.", doc_id=SECRET)
    draft = editing.Draft("The A", f"Another {SECRET}.")
    editing.save_draft(cast.alice, SECRET, draft, base=1)
    return found.id


def _in_german(cast: Cast) -> UUID:
    found = upsert_article(cast.workspace.id, doc_id="de", title="De", text=SECRET, lang="de")
    return found.article.id


def _asked(cast: Cast) -> dict[str, Any]:
    where = {"workspace_id": cast.workspace.id, "conversation_id": cast.conversation_id}
    here = {"workspace_id": cast.workspace.id}
    now, words = timezone.now(), f"Where is the {SECRET}?"
    turn, other = (Turn.objects.create(**where, number=number) for number in (1, 2))
    Message.objects.create(**where, turn=turn, author="visitor", text=words)
    receipt = Receipt.objects.create(
        **here, turn=turn, turn_revision=1, tier=2, decision="answer", confidence=0.5, text=words
    )
    group = GapGroup.objects.create(**here, model_version="v", mean=MEAN, needed=1, asked=1, size=1)
    question = GapQuestion.objects.create(
        **where, turn=turn, group=group, text=words, vector=MEAN, lang="en", asked_at=now,
        needs_help=True, why="escalated", answer=words, answer_by="model",
    )  # fmt: skip
    GapGroup.objects.filter(id=group.id).update(central=question)
    audit = Audit.objects.create(
        **here, turn=turn, turn_revision=1, receipt=receipt, question=words, text=words,
        confidence=0.5, answered=True, share=0.05,
    )  # fmt: skip
    confirmed = ConfirmedAnswer.objects.create(
        **where, turn=other, question=words, answer=words, answer_by="model", golden_key=SECRET,
        doc_id=SECRET,
    )  # fmt: skip
    cached = CachedAnswer.objects.create(
        **here, turn=turn, audience="public", embedder="e", key="k", question=words, vector=MEAN,
        sentences=[words], model="m",
    )  # fmt: skip
    Digest.objects.create(
        **here, week=date(2026, 1, 5), questions=1, by_bot=1, by_model=0, by_people=0, by_nobody=0
    )
    return {
        "audit": audit.id,
        "cached": cached.id,
        "confirmed": confirmed.id,
        "conversation": cast.conversation_id,
        "group": group.id,
        "other_group": GapGroup.objects.create(**here, model_version="v", mean=MEAN, size=1).id,
        "replay": ReplayRun.objects.create(**here, wanted=REPLAYED, until=now, ended_at=now).id,
        "turn": turn.id,
        "visitor": Contact.objects.values_list("id", flat=True)[0],
    }


def _settings(cast: Cast) -> dict[str, Any]:
    here = {"workspace_id": cast.workspace.id}
    IdentityKey.objects.create(**here, kid=SECRET, sealed="x")
    return {
        "agent": cast.bob.id,
        "key": keys.api_keys(cast.workspace.id)[0].digest,
        "kid": SECRET,
        "canned": CannedReply.objects.create(**here, name=SECRET, text=SECRET).id,
        "large_model": LargeModel.objects.create(**here, vendor="openai", model=SECRET).id,
        "queue": Queue.objects.create(**here, name=SECRET).id,
        "training": TrainingRun.objects.create(**here, state="running", minutes=1).id,
        "version": ModelVersion.objects.create(**here, number=1, card=SECRET).id,
    }
