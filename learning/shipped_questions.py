"""The questions that ship, about the articles that ship: no training may unlearn them.

The articles of `docs/` stand in a workspace of their own, which nobody is a member of; they are
imported again where they changed. The questions are ours, in other words than the articles'.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.workspaces import ensure_workspace
from inference.models import Models, compose
from knowledge.importing import import_path
from learning.gate import Paired
from learning.observing import Observations, observe
from learning.questions import Question, read_questions

FILE = Path(__file__).with_name("docs_questions.jsonl")
SLUG, NAME = "firstline-docs", "Firstline's own articles"
ACTOR = "training"
MEASURE = "right on the questions that ship"
OnShare = Callable[[float], None]


@dataclass(frozen=True)
class Shipped:
    question: Question

    @property
    def group(self) -> str:
        return self.question.group or self.question.id


def paired(shipped: Models, parts: Mapping[str, Path], work: Path, say: OnShare) -> Paired | None:
    """The shipped models beside those with these parts; None where no articles lie in docs/.

    work: keeps what was asked, for a later call. Cost: two questions to tier 1 for each question,
    and an embedding of each passage where the parts have an embedder.
    """
    if not articles().is_dir():
        return None
    place = workspace()
    trained = compose(shipped, parts, threads=settings.INFERENCE_THREADS)
    before = _observed(shipped, place, work / f"docs-{shipped.version}.jsonl", say)
    if "embedder" not in parts:
        after = _observed(trained, place, work / f"docs-{trained.version}.jsonl", say)
    else:
        from learning.finetuning_models import drop_index, index_for

        mark = index_for(place, parts["embedder"], say)
        try:
            after = _observed(trained, place, work / f"docs-{trained.version}.jsonl", say)
        finally:
            drop_index(place, mark)
    return Paired(MEASURE, before.values("right"), after.values("right"), before.groups)


def articles() -> Path:
    return Path(settings.BASE_DIR) / "docs"


def workspace() -> UUID:
    """Its articles as they are in docs/ now."""
    place = ensure_workspace(SLUG, name=NAME, actor=ACTOR)
    import_path(place.id, articles(), name="docs", sync=True, actor=ACTOR)
    return place.id


def questions() -> list[Question]:
    def broken(line: int, why: str) -> None:
        raise ValueError(f"{FILE.name}, line {line}: {why}")

    return read_questions(FILE, on_broken=broken)


def _observed(models: Models, place: UUID, file: Path, say: OnShare) -> Observations:
    asked = [Shipped(one) for one in questions()]
    return observe(models, asked, file, workspace_id=place, on_one=say)
