"""How the widget looks and speaks, with a preview of what is typed, and the tag to paste."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import errors as accounts_errors
from accounts.access import ADMINS
from accounts.models import Member, Tone
from accounts.scope import workspace_scope
from accounts.workspaces import change_settings, settings_of
from chatbot import errors as chatbot_errors
from chatbot import voices
from chatbot.colours import OWN_COLOUR
from chatbot.models import Widget
from chatbot.pages.widget import preview as widget_preview
from chatbot.widgets import ensure_widget, set_greeting, set_look, set_origins
from console.forms import WidgetForm
from console.gate import for_roles, page


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def widget(request: HttpRequest, member: Member) -> HttpResponse:
    """The tag to copy, the origins that may show the widget, its look and its words."""
    with workspace_scope(member.workspace_id):
        row = ensure_widget(member.workspace)
    form = WidgetForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        try:
            _change_widget(member, row, form)
        except (chatbot_errors.Invalid, accounts_errors.Invalid) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The widget is saved."))
            return redirect("console-widget", slug=member.workspace.slug)
    return page(
        request,
        member,
        "widget.html",
        status=400 if form is not None else 200,
        form=form or _current(member, row),
        loader=f"{settings.BASE_URL}/widget/v1/{row.key}/loader.js",
        key=row.key,
    )


def _current(member: Member, row: Widget) -> WidgetForm:
    with workspace_scope(member.workspace_id):
        chosen = settings_of(member.workspace_id)
        offered = list(voices.voice().offered)
    return WidgetForm(
        initial={
            "origins": "\n".join(row.origins),
            "greeting": row.greeting,
            "name": row.name,
            "colour": row.colour or OWN_COLOUR,
            "tone": chosen.tone,
            "languages": offered,
            "default_language": chosen.default_language,
        }
    )


def _change_widget(member: Member, row: Widget, form: WidgetForm) -> None:
    """All of it or nothing."""
    where, given = (member.workspace_id, row.id), form.cleaned_data
    with workspace_scope(member.workspace_id):
        set_origins(*where, form.wanted_origins(), actor=member)
        set_greeting(*where, given["greeting"].replace("\r\n", "\n"), actor=member)
        name = given["name"] or member.workspace.name[:80]
        set_look(*where, name=name, colour=form.wanted_colour(), actor=member)
        change_settings(member.workspace_id, actor=member, seen=None, **form.voice())


@require_safe
@for_roles(ADMINS)
def preview(request: HttpRequest, member: Member) -> HttpResponse:
    """The chat window as it is saved, or in the tone and language that are being chosen."""
    with workspace_scope(member.workspace_id):
        row, voice = ensure_widget(member.workspace), voices.voice()
    tone = request.GET.get("tone", "")
    if tone in Tone.values:
        voice = replace(voice, tone=tone)
    wanted = request.GET.get("language", "")
    language = wanted if wanted in dict(settings.LANGUAGES) else voice.language()
    with translation.override(language):
        return widget_preview(request, row, voice)
