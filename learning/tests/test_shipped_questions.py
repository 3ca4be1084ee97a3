"""The questions that ship: true of the articles, and asked of models with other parts."""

from pathlib import Path

import pytest
from django.conf import settings as config
from pytest_django import Settings

from accounts.models import Member, Workspace
from accounts.scope import workspace_scope
from chatbot.answering.models import loaded
from inference.manifest import load_manifest
from knowledge.models import Article, VectorSet
from learning import shipped_questions
from learning.tests.trained import another_embedder, calibration

ARTICLES = Path(config.BASE_DIR) / "docs"


def test_each_answer_stands_in_its_article() -> None:
    found = shipped_questions.questions()
    assert len({one.id for one in found}) == len(found) > 60
    for one in found:
        if one.answerable is not False:
            text = " ".join((ARTICLES / str(one.doc_id)).read_text(encoding="utf-8").split())
            assert one.answers and all(answer in text for answer in one.answers), one.id


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two articles and their questions, so that it takes seconds."""
    folder = tmp_path / "docs"
    folder.mkdir()
    names = ("how-do-i-change-the-port.md", "what-are-the-system-requirements.md")
    for name in names:
        (folder / name).write_text((ARTICLES / name).read_text(encoding="utf-8"), encoding="utf-8")
    mine = [one for one in shipped_questions.questions() if one.doc_id in names]
    monkeypatch.setattr(shipped_questions, "articles", lambda: folder)
    monkeypatch.setattr(shipped_questions, "questions", lambda: mine)


@pytest.mark.django_db
def test_models_with_another_calibration_know_as_much(small: None, tmp_path: Path) -> None:
    parts = {"calibration": calibration(tmp_path, threshold=0.4)}
    found = shipped_questions.paired(loaded(), parts, tmp_path, lambda share: None)
    assert found is not None and not found.unlearned
    assert len(found.before) >= 5 and (found.before == found.after).all()
    place = Workspace.objects.get(slug="firstline-docs")
    with workspace_scope(place.id):
        assert Article.objects.count() == 2 and not Member.objects.exists()


@pytest.mark.django_db
def test_another_embedder_gets_vectors_for_the_while(
    small: None, tmp_path: Path, settings: Settings
) -> None:
    settings.ARTEFACTS_DIR = tmp_path / "artefacts"
    parts = {name: tmp_path / folder for name, folder in another_embedder(tmp_path).items()}
    found = shipped_questions.paired(loaded(), parts, tmp_path, lambda share: None)
    assert found is not None and not found.unlearned
    mark = load_manifest(parts["embedder"], kind="embedder").fingerprint
    place = Workspace.objects.get(slug="firstline-docs")
    with workspace_scope(place.id):
        assert not VectorSet.objects.filter(model_version=mark).exists()


def test_without_articles_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped_questions, "articles", lambda: tmp_path / "nowhere")
    assert shipped_questions.paired(loaded(), {}, tmp_path, lambda share: None) is None
