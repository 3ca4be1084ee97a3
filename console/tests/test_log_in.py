"""Members log in with e-mail and password; nobody signs up, and guessing is slowed down."""

import io
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def log_in(client: Client, *, password: str, path: str = "/accounts/login/") -> int:
    answer = client.post(path, {"login": "bob@example.com", "password": password})
    return answer.status_code


def test_a_member_logs_in_and_goes_where_they_wanted(client: Client, cast: Cast) -> None:
    answer = client.post(
        "/accounts/login/",
        {"login": "bob@example.com", "password": PASSWORD, "next": "/desk/"},
    )

    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    assert client.session["_auth_user_id"] == str(cast.bob.user_id)


def test_logging_in_leads_to_no_foreign_site(client: Client, cast: Cast) -> None:
    answer = client.post(
        "/accounts/login/",
        {"login": "bob@example.com", "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert answer["Location"] == "/"


def test_a_wrong_password_says_so_and_logs_nobody_in(client: Client, cast: Cast) -> None:
    answer = client.post("/accounts/login/", {"login": "bob@example.com", "password": "wrong"})

    assert answer.status_code == 200
    assert 'role="alert"' in answer.text
    assert "_auth_user_id" not in client.session


def test_guessing_is_stopped_even_with_the_right_password(client: Client, cast: Cast) -> None:
    for _ in range(5):
        log_in(client, password="wrong")

    log_in(client, password=PASSWORD)

    assert "_auth_user_id" not in client.session


def test_a_flood_of_log_ins_gets_a_page_that_says_wait(client: Client, cast: Cast) -> None:
    codes = [client.post("/accounts/login/", {}).status_code for _ in range(31)]

    assert codes[-1] == 429
    assert "Too many attempts" in client.post("/accounts/login/", {}).text


def test_somebody_switched_off_stays_out(client: Client, cast: Cast) -> None:
    User.objects.filter(id=cast.bob.user_id).update(is_active=False)

    answer = client.post(
        "/accounts/login/", {"login": "bob@example.com", "password": PASSWORD}, follow=True
    )

    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def test_logging_out_needs_a_post(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)

    asked = client.get("/accounts/logout/")
    assert "Log out?" in asked.text
    assert "_auth_user_id" in client.session

    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_a_member_changes_the_password_and_stays_logged_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)
    new = "a-longer-secret-than-before"

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
        follow=True,
    )

    assert "Password successfully changed." in answer.text
    assert User.objects.get(id=cast.bob.user_id).check_password(new)


def test_the_old_password_is_asked_for(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob.user)
    new = "a-longer-secret-than-before"

    client.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": new, "password2": new},
    )

    assert User.objects.get(id=cast.bob.user_id).check_password(PASSWORD)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/signup/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/password/reset/",
        "/accounts/password/set/",
        "/accounts/login/code/",
        "/accounts/",
    ],
)
def test_there_is_no_signing_up_and_no_e_mail_page(path: str, client: Client, db: None) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "There is nothing here." in answer.text


def test_a_form_without_its_token_gets_a_clear_page(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {})

    assert answer.status_code == 403
    assert "out of date" in answer.text


def test_whoever_runs_the_server_sets_a_forgotten_password(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: "quite-another-secret")

    call_command("changepassword", "bob@example.com", stdout=io.StringIO())
    log_in(client, password="quite-another-secret")

    assert client.session["_auth_user_id"] == str(cast.bob.user_id)
