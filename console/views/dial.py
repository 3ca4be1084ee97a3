"""The risk dial: what each setting would answer, by the workspace's own audits."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import ADMINS
from accounts.errors import Conflict, Invalid, NotAllowed
from accounts.models import Member
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot import answer_rules
from console.curve import curve, reliability
from console.forms import DialForm
from console.forms_answers import AnswerRulesForm
from console.gate import DIAL_READERS, for_roles, page
from learning import dial
from learning.dial import DialView, Setting


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(DIAL_READERS)
def show(request: HttpRequest, member: Member) -> HttpResponse:
    """The curve, the table of settings and examples; administrators choose a setting."""
    if request.method == "POST":
        if member.role not in ADMINS:
            raise NotAllowed("your role sets no dial")
        wants_rules = "unsupported_sentences" in request.POST
        return _change_rules(request, member) if wants_rules else _choose(request, member)
    return _dial(request, member)


def _choose(request: HttpRequest, member: Member) -> HttpResponse:
    form = DialForm(request.POST)
    if not form.is_valid():
        return _dial(request, member, problem=_("Choose one of the settings."))
    wanted, seen = form.cleaned_data["risk"], form.cleaned_data["seen"]
    try:
        change_settings(member.workspace_id, actor=member, seen={"risk": seen}, risk=wanted)
    except Conflict:
        problem = _("Somebody else has turned the dial. Look again before you change it.")
        return _dial(request, member, problem=problem, status=409)
    except Invalid as error:
        return _dial(request, member, problem=str(error))
    messages.success(request, _("It holds from the next question on."))
    return redirect("console-dial", slug=member.workspace.slug)


def _change_rules(request: HttpRequest, member: Member) -> HttpResponse:
    found = dial.view(member.workspace_id)
    form = AnswerRulesForm(request.POST, risks=_risks(found, _current(member)))
    if form.is_valid():
        try:
            answer_rules.change(member, form.wanted(), seen=form.seen())
        except Conflict:
            problem = _("Somebody else has changed this. Look again before you change it.")
            return _dial(request, member, problem=problem, status=409)
        messages.success(request, _("It holds from the next question on."))
        return redirect("console-dial", slug=member.workspace.slug)
    return _dial(request, member, status=400, rules_form=form)


def _current(member: Member) -> float:
    risk = _chosen(member)
    return settings.RISK_DEFAULT if risk is None else risk


def _risks(found: DialView | None, current: float) -> list[float]:
    """Above the dial's, with a threshold, so that something is answered."""
    every = [] if found is None else found.settings
    return [one.risk for one in every if one.risk > current and one.threshold is not None]


def _rules_form(member: Member, found: DialView | None, current: float) -> AnswerRulesForm:
    """What is set can stay, even where it is no choice any more."""
    rules, risks = answer_rules.rules_of(member), _risks(found, current)
    if rules.checked_risk is not None:
        risks = sorted({*risks, rules.checked_risk})
    return AnswerRulesForm.of(rules, risks=risks)


def _dial(
    request: HttpRequest,
    member: Member,
    *,
    problem: str = "",
    status: int = 200,
    rules_form: AnswerRulesForm | None = None,
) -> HttpResponse:
    found = dial.view(member.workspace_id)
    risk, current = _chosen(member), _current(member)
    return page(
        request,
        member,
        "dial.html",
        status=status if not problem or status != 200 else 400,
        problem=problem,
        found=found,
        risk=risk,
        current=current,
        current_percent=f"{current * 100:g}",
        is_default=risk is None,
        rows=[] if found is None else [_row(one, found, current) for one in found.settings],
        curve=None if found is None else curve(found.curve, risk=current),
        reliability=None if found is None else reliability(found.bins),
        examples=[] if found is None else _examples(found, current),
        rules_form=rules_form or _rules_form(member, found, current),
    )


def _chosen(member: Member) -> float | None:
    with workspace_scope(member.workspace_id):
        return settings_of(member.workspace_id).risk


def _row(one: Setting, found: DialView, current: float) -> dict[str, object]:
    in_force = one is _in_force(found, current)
    return {
        "one": one,
        "percent": f"{one.risk * 100:g}",
        "in_force": in_force,
        "answered": _words(one.coverage),
        "wrong": _words(one.wrong),
    }


def _words(share: tuple[float, float, float] | None) -> tuple[str, str]:
    """A share in percent, and its interval in brackets."""
    if share is None:
        return "–", ""
    value, low, high = (f"{100 * one:.0f}" for one in share)
    return f"{value}%", f"({low}–{high}%)"


def _in_force(found: DialView, current: float) -> Setting | None:
    """The setting of the nearest risk that is not above the one chosen."""
    fitting = [one for one in found.settings if one.risk <= current + 1e-9]
    return max(fitting, key=lambda one: one.risk, default=None)


def _examples(found: DialView, current: float) -> list[tuple[str, object]]:
    setting = _in_force(found, current)
    above, below = dial.around(found, setting.threshold if setting else None)
    return [(_("Just sure enough"), above), (_("Just not sure enough"), below)]
