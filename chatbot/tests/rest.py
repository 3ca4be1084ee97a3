"""A client of the REST API for tests, and fixtures of two companies' servers."""

import json
from typing import Any
from uuid import UUID

from django.test import Client

from accounts.keys import make_api_key
from accounts.models import Role
from accounts.scope import workspace_scope
from chatbot.models import Contact, Conversation, Event, Message


class Rest:
    """A server with an API key. Answers are (status, parsed body)."""

    def __init__(self, token: str | None) -> None:
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.client = Client()

    def raw(self, method: str, path: str, body: bytes | str | None = None, **more: Any) -> Any:
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            data=body or "",
            content_type="application/json",
            headers=self.headers,
            **more,
        )

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = self.raw(method, path, json.dumps(body) if body is not None else None)
        return response.status_code, response.json() if response.content else None

    def begin(self, **who: Any) -> str:
        status, found = self("POST", "conversations", who)
        assert status in {200, 201}, found
        return str(found["id"])

    def say(self, conversation_id: str, text: str, client_id: str = "m1") -> tuple[int, Any]:
        body = {"client_id": client_id, "text": text}
        return self("POST", f"conversations/{conversation_id}/messages", body)


def server_of(workspace_id: UUID, role: str = Role.ADMIN) -> Rest:
    """A server with a fresh key of this role."""
    return Rest(make_api_key(workspace_id, name="test", actor="command", role=role).token)


def counts(workspace_id: UUID) -> tuple[int, ...]:
    """How many rows there are of what visitors can cause, to show that nothing changed."""
    with workspace_scope(workspace_id):
        return tuple(model.objects.count() for model in (Contact, Conversation, Message, Event))
