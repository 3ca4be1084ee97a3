"""The demo workspace: loaded once, brought up to date, and described."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.access import api_principal, memberships
from accounts.models import User
from accounts.scope import workspace_scope
from accounts.tests.entries import audit_entries
from chatbot.models import Widget
from config.checks import MODELS
from console import demo
from inference.errors import ModelUnavailable
from knowledge import embedding
from knowledge.models import Article
from knowledge.tests.conftest import FakeEmbedder

PASSWORD = "a-demo-password"


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """Two articles in place of the documentation, a decision beside them, and a fake model."""
    folder = tmp_path / "docs"
    (folder / "decisions").mkdir(parents=True)
    (folder / "first.md").write_text("# First\n\nThe first article.\n", encoding="utf-8")
    (folder / "second.md").write_text("# Second\n\nThe second article.\n", encoding="utf-8")
    (folder / "decisions" / "0001.md").write_text("# Why\n\nBecause.\n", encoding="utf-8")
    (folder / "decisions" / ".noimport").touch()
    models = tmp_path / "models"
    for name in MODELS:
        (models / name).mkdir(parents=True)
        (models / name / "manifest.json").touch()
    settings.MODELS_DIR = models
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    monkeypatch.setattr(demo, "ARTICLES", folder)
    fake = FakeEmbedder()
    monkeypatch.setattr(embedding, "embedder", lambda: fake)
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    return folder


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("demo", *words, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--json"))
    return found


def published() -> list[str]:
    with workspace_scope(demo.describe().place.workspace.id):
        articles = Article.objects.filter(archived_at=None, published_revision__isnull=False)
        return sorted(articles.values_list("external_id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_it_is_loaded_with_its_articles_and_members(docs: Path) -> None:
    run("--load")
    found = described()

    assert published() == ["first.md", "second.md"]
    assert api_principal(found["api_key"]).workspace_slug == "demo"
    assert [member["role"] for member in found["members"]] == ["admin", "editor", "agent"]
    for member in found["members"]:
        user = User.objects.get(email=member["email"])
        assert user.check_password(PASSWORD) and member["password"] == PASSWORD
        assert [one.role for one in memberships(user)] == [member["role"]]


@pytest.mark.django_db(transaction=True)
def test_loading_it_again_needs_no_model_and_changes_nothing(
    docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--load")
    before, entries = described(), audit_entries(demo.describe().place)

    def unavailable() -> FakeEmbedder:
        raise ModelUnavailable("not needed")

    monkeypatch.setattr(embedding, "embedder", unavailable)
    run("--load")

    assert described() == before
    assert audit_entries(demo.describe().place) == entries


@pytest.mark.django_db(transaction=True)
def test_an_article_that_went_away_is_archived(docs: Path) -> None:
    run("--load")
    (docs / "second.md").unlink()
    (docs / "third.md").write_text("# Third\n\nThe third article.\n", encoding="utf-8")
    run("--load")

    assert published() == ["first.md", "third.md"]


@pytest.mark.django_db(transaction=True)
def test_the_demo_page_s_own_origins_may_show_the_widget(docs: Path, settings: Settings) -> None:
    settings.BASE_URL, settings.PORT = "http://127.0.0.1:8123", 8123
    run("--load")

    with workspace_scope(demo.describe().place.workspace.id):
        origins = Widget.objects.get().origins
    assert origins == ["http://127.0.0.1:8123", "http://localhost:8123"]


@pytest.mark.django_db(transaction=True)
def test_people_are_told_addresses_and_log_ins(docs: Path, settings: Settings) -> None:
    run("--load")
    said = run()

    for path in ("/demo/", "/console/demo/", "/desk/demo/"):
        assert f"{settings.BASE_URL}{path}" in said
    for role in ("admin", "editor", "agent"):
        assert f"{role}@example.com" in said
    assert PASSWORD in said
    assert str(demo.describe().place.api_key) not in said


@pytest.mark.django_db(transaction=True)
def test_a_changed_password_is_left_alone(docs: Path) -> None:
    run("--load")
    user = User.objects.get(email="admin@example.com")
    user.set_password("another-password")
    user.save()
    run("--load")

    assert User.objects.get(id=user.id).check_password("another-password")


@pytest.mark.django_db
def test_before_it_is_loaded_the_way_to_load_it_is_said() -> None:
    with pytest.raises(CommandError, match="demo --load"):
        run()


@pytest.mark.django_db(transaction=True)
def test_a_weak_demo_password_is_refused(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "demo")

    with pytest.raises(CommandError, match=r"too short.*DEMO_PASSWORD"):
        run("--load")
