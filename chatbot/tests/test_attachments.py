"""Files in conversations: who may give and read them, and that they go with the conversation."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.errors import NotFound
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings
from chatbot import attachments, erasing, handoff, intake
from chatbot.filing import child
from chatbot.filing.contract import Remade
from chatbot.filing.remaking import remake
from chatbot.handoff.basis import Basis
from chatbot.models import Attachment, Message, Turn
from chatbot.sessions import start_session
from chatbot.tests import files
from chatbot.turns import history_of
from outbox.models import OutboxJob
from outbox.queue import claim
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A storage of the test's own; the child's work is done in this process."""
    own = FileSystemStorage(location=tmp_path)
    monkeypatch.setattr(attachments, "_storage", lambda: own)
    monkeypatch.setattr(child, "remade", remake)
    return tmp_path


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def address(cast: Cast, more: str = "") -> str:
    return f"/widget/v1/files/{cast.acme.widget_key}/{cast.conversation_id}/{more}"


def give(client: Client, cast: Cast, *, token: str | None = None, **more: Any) -> Any:
    data = more.pop("data", files.picture())
    file = SimpleUploadedFile(more.pop("name", "a.png"), data)
    headers = {"Authorization": f"Visitor {token or cast.vera.token}"} | more.pop("headers", {})
    return client.post(more.pop("to", address(cast)), {"file": file}, headers=headers)


def where(cast: Cast) -> Any:
    return cast.workspace.id, cast.conversation_id, cast.vera.contact_id


def rows(cast: Cast) -> list[Attachment]:
    with workspace_scope(cast.workspace.id):
        return list(Attachment.objects.order_by("id"))


def read(client: Client, cast: Cast, part: dict[str, Any], token: str, query: str = "") -> Any:
    headers = {"Authorization": f"Visitor {token}"}
    return client.get(address(cast, f"{part['id']}/{query}"), headers=headers)


def test_a_file_is_given_sent_and_read_by_visitor_and_members(client: Client, cast: Cast) -> None:
    answer = give(client, cast, name="../../my\u202e scan.exe")
    assert answer.status_code == 200, answer.content
    part = answer.json()
    assert part["name"] == "my scan.png" and part["preview"] is True
    for _ in range(2):
        posted = intake.post_visitor_message(
            *where(cast), client_id="a", text="", files=[UUID(part["id"])]
        )
    with workspace_scope(cast.workspace.id):
        message = Message.objects.get(id=posted.message_id)
        texts = list(Message.objects.order_by("created_at").values_list("text", flat=True))
    assert attachments_of(cast, message) == [part]
    assert texts[0] == "" and "cannot read files" in texts[1]  # nobody waits for the bot
    intake.post_visitor_message(*where(cast), client_id="b", text="It is broken")
    with workspace_scope(cast.workspace.id):
        assert history_of(Turn.objects.get()) == (), "the bot is asked nothing about files"
    for query in ("", "?preview"):
        file = read(client, cast, part, cast.vera.token, query)
        assert file.status_code == 200 and file.content.startswith(b"\x89PNG")
        assert file["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert file["X-Content-Type-Options"] == "nosniff"
        assert file["Content-Disposition"].startswith("inline; filename*=UTF-8''my%20scan.png")
    client.force_login(cast.bob.user)
    desk = client.get(f"/desk/acme/files/{cast.conversation_id}/{part['id']}/")
    assert desk.status_code == 200


def attachments_of(cast: Cast, message: Message) -> list[dict[str, Any]]:
    with workspace_scope(cast.workspace.id):
        event = message.conversation.events.get(
            kind="message.posted", payload__message_id=str(message.id)
        )
    found: list[dict[str, Any]] = event.payload["attachments"]
    return found


def test_nobody_else_reads_or_gives(client: Client, cast: Cast) -> None:
    part = give(client, cast).json()
    stranger = start_session(cast.workspace.id, cast.acme.widget_key, token=None, language="en")
    foreign = start_session(cast.other.workspace.id, cast.other.widget_key, token=None, language="")
    before = len(rows(cast))
    for token in (stranger.token, foreign.token, "x", ""):
        assert read(client, cast, part, token).status_code == 404
        assert give(client, cast, token=token or "-").status_code == 404
    others = address(cast).replace(cast.acme.widget_key, cast.other.widget_key)
    assert give(client, cast, to=others).status_code == 404
    elsewhere = {"Origin": "https://evil.example"}
    assert give(client, cast, headers=elsewhere).status_code == 404
    desk = f"/desk/acme/files/{cast.conversation_id}/"
    assert client.get(f"{desk}{part['id']}/").status_code == 302  # anonymous
    client.force_login(cast.charlie.user)
    assert client.get(f"{desk}{part['id']}/").status_code == 404
    assert client.post(desk, {"file": SimpleUploadedFile("a.png", b"x")}).status_code == 404
    client.force_login(cast.bob.user)
    assert client.get(f"{desk}{part['id']}/").status_code == 404, "it was not sent yet"
    assert len(rows(cast)) == before
    theirs = (cast.workspace.id, stranger.conversation_id, stranger.contact_id)
    stolen = [row.id for row in rows(cast)]
    with pytest.raises(NotFound):
        intake.post_visitor_message(*theirs, client_id="a", text="", files=stolen)


def test_an_agent_sends_a_file_and_a_visitor_cannot_take_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)
    handoff.take_over(cast.bob, cast.conversation_id)
    file = SimpleUploadedFile("plan.pdf", files.pdf())
    answer = client.post(f"/desk/acme/files/{cast.conversation_id}/", {"file": file})
    part = answer.json()
    ids = [UUID(part["id"])]
    with pytest.raises(NotFound):
        intake.post_visitor_message(*where(cast), client_id="a", text="", files=ids)
    assert read(client, cast, part, cast.vera.token).status_code == 404, "not sent yet"
    message = handoff.reply(
        cast.bob, cast.conversation_id, client_id="b", text="", basis=Basis(files=tuple(ids))
    )
    assert attachments_of(cast, message) == [part]
    got = read(client, cast, part, cast.vera.token)
    assert got["Content-Disposition"].startswith("attachment;")
    assert got["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"MZ", (400, "unknown_type")),
        (files.bomb(), (400, "too_many_pixels")),
        (files.pdf(script="1"), (400, "active_pdf")),
        (b"x" * 10_100_000, (413, "too_large")),
        (b"x" * 10_000_001, (413, "too_large")),
    ],
)
def test_bad_files_are_refused_in_words(
    client: Client, cast: Cast, folder: Path, data: bytes, problem: tuple[int, str]
) -> None:
    answer = give(client, cast, data=data)
    assert (answer.status_code, answer.json()["code"]) == problem
    assert answer.json()["problem"] and not rows(cast) and not kept(folder)


def test_a_workspace_may_take_none_and_there_is_a_limit(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_UNSENT", 1)
    assert give(client, cast).status_code == 200
    assert give(client, cast).json()["code"] == "too_many"
    change_settings(cast.workspace.id, actor=cast.alice, attachments_allowed=False)
    assert give(client, cast).status_code == 403
    assert len(rows(cast)) == 1


def finish_jobs(cast: Cast) -> None:
    with workspace_scope(cast.workspace.id):
        ids = list(OutboxJob.objects.filter(kind=attachments.FORGET).values_list("id", flat=True))
    for one in ids:
        if job := claim(cast.workspace.id, one, lease_s=60):
            attachments.remove(job)


def test_taken_back_unsent_and_erased_files_are_gone(
    client: Client, cast: Cast, folder: Path
) -> None:
    same = [give(client, cast).json() for _ in range(2)]  # one content, two rows
    headers = {"Authorization": f"Visitor {cast.vera.token}"}
    assert client.delete(address(cast, f"{same[0]['id']}/"), headers=headers).status_code == 204
    finish_jobs(cast)
    assert len(rows(cast)) == 1 and kept(folder), "the other one still needs the bytes"
    ids = [UUID(same[1]["id"])]
    intake.post_visitor_message(*where(cast), client_id="a", text="See", files=ids)
    client.delete(address(cast, f"{same[1]['id']}/"), headers=headers)
    assert len(rows(cast)) == 1, "what was sent stays"
    with workspace_scope(cast.workspace.id):
        erasing.erase([cast.conversation_id])
    finish_jobs(cast)
    assert not rows(cast) and not kept(folder)


def test_an_altered_file_is_not_shown(client: Client, cast: Cast, folder: Path) -> None:
    part = give(client, cast).json()
    for path in kept(folder):
        path.write_bytes(b"<script>")
    assert read(client, cast, part, cast.vera.token).status_code == 404


def test_the_remade_file_is_kept_and_not_the_given_one(
    client: Client, cast: Cast, folder: Path
) -> None:
    photo = files.located_photo()
    give(client, cast, data=photo)
    assert kept(folder) and all(path.read_bytes() != photo for path in kept(folder))
    assert isinstance(remake(photo), Remade)
