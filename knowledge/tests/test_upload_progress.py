"""How long an upload still takes is told by what had to be embedded."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from accounts.scope import workspace_scope
from knowledge import importing, uploads
from knowledge.models import Article, Upload, UploadState
from knowledge.tests.test_editing import editor
from knowledge.tests.worker import work
from outbox.models import OutboxJob

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def reading(*, read: int, unchanged: int = 0, seconds: float = 60.0) -> Upload:
    """One of ten articles, as far as that."""
    began = NOW - timedelta(seconds=seconds)
    state = UploadState.READING
    return Upload(state=state, files=10, read=read, unchanged=unchanged, started_at=began)


def test_the_rest_takes_as_long_as_what_was_embedded() -> None:
    assert uploads.remaining_s(reading(read=6), now=NOW) == pytest.approx(40)
    assert uploads.remaining_s(reading(read=10), now=NOW) == 0


def test_what_was_skipped_after_a_kill_promises_nothing() -> None:
    assert uploads.remaining_s(reading(read=6, unchanged=2), now=NOW) == pytest.approx(60)
    assert uploads.remaining_s(reading(read=6, unchanged=6), now=NOW) is None


def test_nothing_is_told_too_early_or_too_late() -> None:
    assert uploads.remaining_s(reading(read=1, seconds=1), now=NOW) is None
    assert uploads.remaining_s(reading(read=0), now=NOW) is None
    done = reading(read=10)
    done.state = UploadState.DONE
    assert uploads.remaining_s(done, now=NOW) is None


@pytest.mark.usefixtures("fake_model")
def test_a_killed_import_of_rows_goes_on_and_knows_how_many_there_are(
    alices: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"doc_id": f"d{n}", "title": f"T{n}", "text": f"giraffe number{n}"} for n in range(6)]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    monkeypatch.setattr(importing, "BATCH_ARTICLES", 2)
    kept = uploads.accept(editor(alices, "erin"), "rows.jsonl", data)
    whole = importing.import_batch
    calls: list[int] = []

    def dies(*given: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt  # as suddenly as a kill
        whole(*given)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(importing, "import_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        work(alices)
    with workspace_scope(alices):
        upload = Upload.objects.get(id=kept.id)
        assert (upload.files, upload.read, Article.objects.count()) == (6, 2, 2)
    monkeypatch.setattr(importing, "import_batch", whole)
    with workspace_scope(alices):
        OutboxJob.objects.filter(kind=uploads.KIND).update(locked_until=None)
    work(alices)
    with workspace_scope(alices):
        upload.refresh_from_db()
        assert (upload.state, upload.read, upload.unchanged) == (UploadState.DONE, 6, 0)
        assert upload.published == 6
        assert Article.objects.count() == 6
