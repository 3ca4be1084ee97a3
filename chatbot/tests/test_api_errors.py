"""Bad requests over REST: a clear code, and nothing changed."""

from collections.abc import Iterator

import pytest

from accounts.keys import make_api_key, revoke_api_key
from chatbot import reading
from chatbot.api import keys
from chatbot.api.root import MAX_BODY_BYTES
from chatbot.tests.rest import Rest, counts, server_of
from chatbot.tests.sockets import WAIT_S, Application
from config.asgi import application
from tests.cast import Cast


@pytest.fixture
def server(cast: Cast) -> Rest:
    return server_of(cast.workspace.id)


@pytest.fixture
def nothing_written(cast: Cast) -> Iterator[None]:
    before = counts(cast.workspace.id)
    yield
    assert counts(cast.workspace.id) == before


@pytest.mark.parametrize("header", [None, "", "fl_wrong", "fl_" + "x" * 5000, "\x7f"])
@pytest.mark.usefixtures("nothing_written")
def test_without_a_valid_key_there_is_nothing(header: str | None) -> None:
    response = Rest(header).raw("POST", "conversations", "{}")
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "unauthorized"
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.usefixtures("nothing_written")
def test_other_schemes_of_authorization_are_refused(cast: Cast) -> None:
    rest = Rest(None)
    rest.headers = {"Authorization": f"Basic {cast.acme.api_key}"}
    assert rest("GET", "conversations")[0] == 401


def test_a_revoked_key_stops_working(cast: Cast) -> None:
    made = make_api_key(cast.workspace.id, name="old", actor=cast.alice)
    server = Rest(made.token)
    assert server("GET", "conversations")[0] == 200
    revoke_api_key(cast.workspace.id, made.key.digest, actor=cast.alice)
    assert server("GET", "conversations")[0] == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"\xff\xfe\x00", 400, "bad_json"),
        (b"[" * 50_000, 400, "bad_json"),
        (b'{"name": ' + b"9" * 5_000 + b"}", 400, "bad_json"),
        (b"[]", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'{"name": "Vera", "role": "admin"}', 422, "invalid"),
        (b'{"name": 5}', 422, "invalid"),
        (b'{"name": "a\\u0000b"}', 422, "invalid"),
        (b'{"external_ref": "\\ud800"}', 422, "invalid"),
        (b'{"\\ud800": 1}', 422, "invalid"),
        (b'{"external_ref": ""}', 422, "invalid"),
        (b'{"language": "xx"}', 422, "invalid"),
        (b'{"name": "' + b"x" * 121 + b'"}', 422, "invalid"),
    ],
)
@pytest.mark.usefixtures("nothing_written")
def test_a_body_that_does_not_fit_is_refused(
    server: Rest, body: bytes, status: int, code: str
) -> None:
    response = server.raw("POST", "conversations", body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"]


def test_the_message_names_the_field(server: Rest) -> None:
    _, answer = server("POST", "conversations", {"name": "Vera", "admin": True})
    assert answer["error"]["message"] == "admin: Extra inputs are not permitted"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "", "client_id": "a"}, "empty_text"),
        ({"text": " \x00 ", "client_id": "a"}, "empty_text"),
        ({"text": "x" * 4_001, "client_id": "a"}, "text_too_long"),
        ({"text": "hello"}, "invalid"),
        ({"text": "hello", "client_id": ""}, "invalid"),
        ({"text": "hello", "client_id": "x" * 65}, "invalid"),
        ({"text": "hello", "client_id": "a\nb"}, "invalid"),
        ({"text": ["hello"], "client_id": "a"}, "invalid"),
    ],
)
def test_a_message_that_cannot_be_kept_is_refused(
    server: Rest, cast: Cast, fields: dict[str, object], code: str
) -> None:
    conversation = server.begin()
    before = counts(cast.workspace.id)
    status, answer = server("POST", f"conversations/{conversation}/messages", fields)
    assert (status, answer["error"]["code"]) == (422, code)
    assert counts(cast.workspace.id) == before


def test_nul_and_halves_of_pairs_do_not_harm_a_message(server: Rest) -> None:
    conversation = server.begin()
    assert server.say(conversation, "a\x00b \ud800 c")[0] == 201
    _, page = server("GET", f"conversations/{conversation}/messages")
    assert page["messages"][0]["text"] == "ab \ufffd c"


LARGE = b'{"name": "' + b"x" * MAX_BODY_BYTES + b'"}'


@pytest.mark.usefixtures("nothing_written")
def test_large_bodies_are_refused(server: Rest) -> None:
    response = server.raw("POST", "conversations", LARGE)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize(("body", "status"), [(LARGE, 413), (b'{"name": "Vera"}', 201)])
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("short_connections")
async def test_bodies_of_unknown_size_are_read_no_further_than_needed(
    cast: Cast, body: bytes, status: int
) -> None:
    """Sent in chunks, without a Content-Length."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/conversations",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"transfer-encoding", b"chunked"),
            (b"authorization", f"Bearer {cast.acme.api_key}".encode()),
        ],
    }
    asked = Application(application, scope)
    for start in range(0, len(body), 60_000):
        more = start + 60_000 < len(body)
        chunk = body[start : start + 60_000]
        await asked.send_input({"type": "http.request", "body": chunk, "more_body": more})
    answer = await asked.receive_output(timeout=WAIT_S)
    assert answer["status"] == status
    await asked.receive_output(timeout=WAIT_S)
    await asked.wait(timeout=WAIT_S)


@pytest.mark.parametrize("path", ["", "nothing", "conversations/1", "conversations/x/messages"])
def test_unknown_paths_are_answered_in_the_apis_form(server: Rest, path: str) -> None:
    status, answer = server("GET", path)
    assert (status, answer["error"]["code"]) == (404, "not_found")


def test_a_wrong_method_names_the_right_ones(server: Rest) -> None:
    response = server.raw("DELETE", "conversations")
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=" + "x" * 1001])
def test_bad_pages_are_refused(server: Rest, query: str) -> None:
    status, answer = server("GET", f"conversations?{query}")
    assert (status, answer["error"]["code"]) == (422, "invalid")


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999", "1.5"])
def test_bad_event_numbers_are_refused(server: Rest, after: str) -> None:
    conversation = server.begin()
    assert server("GET", f"conversations/{conversation}/events?after_seq={after}")[0] == 422


def test_over_the_limit_a_key_is_told_when_to_come_back(
    server: Rest, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "REQUESTS_AT_ONCE", 3)
    monkeypatch.setattr(keys, "REQUESTS_PER_S", 0.01)
    assert [server("GET", "conversations")[0] for _ in range(3)] == [200] * 3
    before = counts(cast.workspace.id)
    response = server.raw("POST", "conversations", "{}")
    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")
    assert int(response["Retry-After"]) > 0
    assert counts(cast.workspace.id) == before
    assert server_of(cast.workspace.id)("GET", "conversations")[0] == 200  # another key's own


def test_our_own_faults_are_not_explained(
    server: Rest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    conversation = server.begin()
    monkeypatch.setattr(reading, "visitor_events", broken)
    response = server.raw("GET", f"conversations/{conversation}/events")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "server_error")
    assert b"secret" not in response.content


def test_cookies_open_nothing(server: Rest, cast: Cast) -> None:
    visitor = Rest(None)
    visitor.client.force_login(cast.alice.user)
    assert visitor("GET", "conversations")[0] == 401
