"""Administrators are told once in a period that a budget runs out."""

from smtplib import SMTPServerDisconnected
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail

from accounts.models import Member, Role, User, Workspace
from accounts.scope import workspace_scope
from chatbot.escalation import budget_warning
from chatbot.escalation.budget_warning import running_out, warn_if_due
from chatbot.models import BudgetMail, BudgetWarning
from chatbot.tests.conftest import Visit, new_member, new_visit
from chatbot.tests.escalating import Escalated
from chatbot.tests.test_budgets import spend
from chatbot.tests.test_escalation_request import decide
from outbox.models import JobState, OutboxJob
from outbox.queue import claim

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example"


def warn(workspace: Workspace) -> list[str]:
    """Warn where it is due; which periods have a warning now."""
    with workspace_scope(workspace.id):
        warn_if_due(workspace.id)
        return list(BudgetWarning.objects.order_by("period").values_list("period", flat=True))


def send_mails(workspace: Workspace) -> list[bool]:
    with workspace_scope(workspace.id):
        rows = OutboxJob.objects.filter(kind=budget_warning.KIND, state=JobState.READY)
        ids = list(rows.values_list("id", flat=True))
    leased = [claim(workspace.id, one, lease_s=60.0) for one in ids]
    return [budget_warning.send(one) for one in leased if one]


def test_nothing_is_said_below_the_share(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_day=1.0, budget_usd_per_month=10.0)
    spend(vera, 0.79)
    assert warn(acme) == []
    spend(vera, 0.02)
    assert warn(acme) == ["day"]


def test_administrators_get_one_mail_each_in_a_period(
    alice: Member, bob: Member, vera: Visit, acme: Workspace
) -> None:
    owner = new_member(acme, "Olga", Role.OWNER)
    new_member(acme, "Gone", Role.ADMIN)
    with workspace_scope(acme.id):
        Member.objects.filter(display_name="Gone").update(is_active=False)
    decide(acme, budget_usd_per_day=1.0, budget_usd_per_month=1.0, budget_warning_share=0.5)
    spend(vera, 0.6)
    for _ in range(2):
        assert warn(acme) == ["day", "month"]
    assert send_mails(acme) == [True] * 4 and send_mails(acme) == []
    assert sorted({one.to[0] for one in mail.outbox}) == [alice.user.email, owner.user.email]
    subjects = sorted({one.subject for one in mail.outbox})
    assert subjects == [
        "Acme: this month's budget for large models runs out",
        "Acme: today's budget for large models runs out",
    ]
    body = str(mail.outbox[0].body)
    assert "60% of it are used: 0.60 of 1.00 US dollars." in body
    assert "/console/acme/settings/" in body


def test_a_mail_is_in_the_workspaces_language(alice: Member, vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_day=1.0, default_language="ru")
    spend(vera, 1.0)
    warn(acme)
    assert send_mails(acme) == [True]
    assert mail.outbox[0].to == [alice.user.email]


def test_a_mail_server_that_refuses_is_tried_again(
    alice: Member, vera: Visit, acme: Workspace
) -> None:
    decide(acme, budget_usd_per_day=1.0)
    spend(vera, 1.0)
    warn(acme)
    with patch("django.core.mail.EmailMessage.send", side_effect=SMTPServerDisconnected):
        assert send_mails(acme) == [False]
    with workspace_scope(acme.id):
        assert not BudgetMail.objects.exists()
        job = OutboxJob.objects.get(kind=budget_warning.KIND)
        OutboxJob.objects.update(available_at=job.created_at)
    assert send_mails(acme) == [True]
    with workspace_scope(acme.id):
        assert BudgetMail.objects.get().sent_at is not None


@pytest.mark.parametrize("gone", ["role", "member", "user"])
def test_who_is_no_administrator_any_more_gets_none(
    alice: Member, vera: Visit, acme: Workspace, gone: str
) -> None:
    decide(acme, budget_usd_per_day=1.0)
    spend(vera, 1.0)
    warn(acme)
    with workspace_scope(acme.id):
        if gone == "user":
            User.objects.filter(id=alice.user_id).update(is_active=False)
        else:
            change = {"role": Role.AGENT} if gone == "role" else {"is_active": False}
            Member.objects.filter(id=alice.id).update(**change)
    assert send_mails(acme) == [False] and mail.outbox == []


def test_without_a_mail_server_the_warning_is_a_row_alone(
    alice: Member, vera: Visit, acme: Workspace, settings: Any
) -> None:
    settings.EMAIL_HOST = ""
    decide(acme, budget_usd_per_day=1.0)
    spend(vera, 1.0)
    assert warn(acme) == ["day"] and send_mails(acme) == []


def test_a_budget_of_nothing_is_a_switch_and_warns_nobody(vera: Visit, acme: Workspace) -> None:
    decide(acme, budget_usd_per_day=0.0)
    assert warn(acme) == []


def test_another_workspaces_budget_is_not_told_of(
    vera: Visit, acme: Workspace, other: Workspace
) -> None:
    decide(acme, budget_usd_per_day=1.0)
    spend(new_visit(other.id), 4.9)
    assert warn(acme) == []
    with workspace_scope(other.id):
        assert [one.of for one in running_out(other.id)] == ["day"]


def test_a_call_that_reaches_the_share_warns(
    escalated: Escalated, alice: Member, acme: Workspace
) -> None:
    assert escalated.asks() is None
    decide(acme, budget_usd_per_day=escalated.escalation().cost_usd, budget_warning_share=0.01)
    escalated.works()
    assert warn(acme) == ["day"] and send_mails(acme) == [True]


def test_a_question_that_is_refused_for_its_price_warns(
    escalated: Escalated, alice: Member, acme: Workspace
) -> None:
    decide(acme, budget_usd_per_day=0.5)
    spend(escalated.visit, 0.5)
    assert escalated.asks() == "budget"
    with workspace_scope(acme.id):
        assert BudgetWarning.objects.get().spent_usd == pytest.approx(0.5)
