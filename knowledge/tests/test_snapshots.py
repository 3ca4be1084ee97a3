"""What a visitor's browser searches: public, published, and gone as soon as it is not."""

import json
import struct
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.utils import timezone

from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from knowledge import snapshots
from knowledge.articles import archive, publish, upsert_article
from knowledge.models import Article
from knowledge.snapshots import Snapshot, beginning, current, pack
from knowledge.tests.conftest import FakeEmbedder
from knowledge.tests.worker import work
from outbox.models import JobState, OutboxJob

pytestmark = pytest.mark.usefixtures("fake_model")


@pytest.fixture(autouse=True)
def own_storage(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "artefacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }


def write(
    workspace_id: UUID, doc_id: str, text: str = "# Refunds\n\nIn *five* days.\n", **more: str
) -> None:
    upsert_article(workspace_id, doc_id=doc_id, title=doc_id.title(), text=text, **more)  # type: ignore[arg-type]  # facts of an article


def build(workspace_id: UUID) -> Snapshot | None:
    """Publish what waits, then do the builds that were asked for, without the pause before."""
    work(workspace_id)
    with workspace_scope(workspace_id):
        rows = OutboxJob.objects.filter(kind=snapshots.KIND, state=JobState.READY)
        rows.update(available_at=timezone.now())
    work(workspace_id)
    return current(workspace_id)


def asked(workspace_id: UUID) -> int:
    with workspace_scope(workspace_id):
        return OutboxJob.objects.filter(kind=snapshots.KIND, state=JobState.READY).count()


def on(workspace_id: UUID) -> UUID:
    with workspace_scope(workspace_id):
        settings_of(workspace_id)
    change_settings(workspace_id, actor="test", browser_suggestions=True)
    return workspace_id


def head(found: Snapshot | None) -> dict[str, Any]:
    assert found is not None
    length = struct.unpack_from("<I", found.content)[0]
    return dict(json.loads(found.content[4 : 4 + length]))


def titles(found: Snapshot | None) -> set[str]:
    return {one["title"] for one in head(found)["articles"]}


def test_the_file_holds_headings_and_beginnings_of_what_is_published(alices: UUID) -> None:
    on(alices)
    write(
        alices,
        "refunds",
        "# Money\n\nIn *five* days.\n\n## By card\n\n1. See [here](https://a.example/).\n",
    )
    found = build(alices)
    said = head(found)
    assert said["model"] == FakeEmbedder.fingerprint
    assert titles(found) == {"Refunds"}
    assert any("In five days." in one["text"] for one in said["passages"])
    assert "https" not in json.dumps(said)
    assert {one["article"] for one in said["passages"]} == {0}


def test_only_what_everybody_may_read_is_in_it(alices: UUID) -> None:
    on(alices)
    write(alices, "open")
    write(alices, "members", audience="signed_in")
    write(alices, "secret", audience="internal")
    assert titles(build(alices)) == {"Open"}


def test_it_holds_nothing_of_another_workspace(alices: UUID, charlies: UUID) -> None:
    on(alices)
    on(charlies)
    write(alices, "hers")
    write(charlies, "his")
    assert titles(build(charlies)) == {"His"}
    assert titles(build(alices)) == {"Hers"}


def test_without_the_setting_nothing_is_built_or_given(alices: UUID) -> None:
    write(alices, "refunds")
    work(alices)
    assert asked(alices) == 0
    on(alices)
    write(alices, "opening")
    assert build(alices) is not None
    change_settings(alices, actor="test", browser_suggestions=False)
    assert current(alices) is None


@pytest.mark.parametrize("how", ["archive", "audience", "raw", "revision"])
def test_what_is_withdrawn_is_gone_at_once_and_not_when_the_worker_comes(
    alices: UUID, how: str
) -> None:
    on(alices)
    write(alices, "refunds")
    write(alices, "opening")
    assert build(alices) is not None
    if how == "archive":
        archive(alices, "refunds")
    elif how == "audience":
        write(alices, "refunds", audience="internal")
    elif how == "revision":
        write(alices, "refunds", "# Refunds\n\nNever.\n")
        work(alices)
    else:  # by whatever way that asks for no build
        with workspace_scope(alices):
            Article.objects.filter(external_id="refunds").update(audience="internal")
    assert current(alices) is None
    if how != "raw":
        assert titles(build(alices)) >= {"Opening"}
        assert ("Refunds" in titles(current(alices))) == (how == "revision")


def test_what_changes_together_is_built_once_and_the_same_knowledge_is_the_same_file(
    alices: UUID,
) -> None:
    on(alices)
    for name in ("one", "two", "three"):
        write(alices, name)
    work(alices)
    assert asked(alices) == 1
    first = build(alices)
    archive(alices, "one")
    publish(alices, "one")
    again = build(alices)
    assert first is not None and again is not None
    with workspace_scope(alices):
        snapshots.changed(alices)
    assert build(alices) == again


def test_an_earlier_file_is_removed_and_an_altered_one_is_not_given(
    alices: UUID, tmp_path: Path
) -> None:
    on(alices)
    write(alices, "one")
    build(alices)
    write(alices, "two")
    found = build(alices)
    assert found is not None
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == [found.digest]
    files[0].write_bytes(b"altered")
    assert current(alices) is None
    files[0].unlink()
    assert current(alices) is None


def test_many_passages_leave_every_article_its_first(
    alices: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MOST_PASSAGES", 4)
    on(alices)
    long = "".join(f"## Part {one}\n\n{'Words here. ' * 60}\n\n" for one in range(5))
    for name in ("one", "two", "three"):
        write(alices, name, long)
    said = head(build(alices))
    assert len(said["passages"]) == 4
    assert {one["article"] for one in said["passages"]} == {0, 1, 2}


def test_an_empty_knowledge_base_has_an_empty_file(alices: UUID) -> None:
    on(alices)
    with workspace_scope(alices):
        snapshots.changed(alices)
    assert head(build(alices))["passages"] == []


def test_a_packed_vector_is_nearly_the_vector() -> None:
    vector = np.linspace(-0.3, 0.2, 384, dtype=np.float32)
    packed = pack({"passages": []}, [vector])
    length = struct.unpack_from("<I", packed)[0]
    assert length % 4 == 0
    scale = np.frombuffer(packed, "<f4", 1, 4 + length)
    small = np.frombuffer(packed, np.int8, 384, 8 + length)
    assert np.abs(scale * small - vector).max() <= 0.3 / 254 + 1e-6


def test_a_beginning_is_words_without_marks_and_is_cut_between_them() -> None:
    assert (
        beginning("## Returns\n\n- **Free** [label](https://a.example/)\n| a | b |\n")
        == "Free label"
    )
    cut = beginning("word " * 100)
    assert len(cut) <= 120 and cut.endswith("word…")
