"""Members and API keys: what is made here once is shown once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import keys, members
from accounts.access import ADMINS
from accounts.errors import Invalid
from accounts.keys import NewApiKey
from accounts.members import AddedMember
from accounts.models import Member, Role
from accounts.scope import workspace_scope
from accounts.workspaces import lock
from console.forms import KeyForm, MemberForm, RoleForm
from console.gate import for_roles, page
from console.words import ROLE_WORDS


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def show_members(request: HttpRequest, member: Member) -> HttpResponse:
    """Add a colleague. A new log-in's first password is on this answer and nowhere else."""
    if request.method != "POST":
        return _members(request, member, MemberForm())
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _members(request, member, form, status=400)
    given = form.cleaned_data
    try:
        added = members.add_member(
            member.workspace_id,
            given["email"],
            role=given["role"],
            name=given["name"],
            actor=member,
        )
    except Invalid as error:
        form.add_error(None, str(error))
        return _members(request, member, form, status=400)
    return _members(request, member, MemberForm(), added=added)


def _members(
    request: HttpRequest,
    member: Member,
    form: MemberForm,
    *,
    added: AddedMember | None = None,
    status: int = 200,
) -> HttpResponse:
    may_change_owners = member.role == Role.OWNER
    return page(
        request,
        member,
        "members.html",
        status=status,
        form=form,
        added=added,
        members=members.members(member.workspace_id),
        may_change_owners=may_change_owners,
        roles=[
            (role, words)
            for role, words in ROLE_WORDS.items()
            if may_change_owners or role != Role.OWNER
        ],
    )


@require_POST
@for_roles(ADMINS)
def change_role(request: HttpRequest, member: Member, member_id: UUID) -> HttpResponse:
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _members(request, member, _problem(_("Choose one of the roles.")), status=400)
    try:
        members.change_role(
            member.workspace_id, member_id, role=form.cleaned_data["role"], actor=member
        )
    except Invalid as error:
        return _members(request, member, _problem(str(error)), status=400)
    messages.success(request, _("The role is changed."))
    return redirect("console-members", slug=member.workspace.slug)


@require_POST
@for_roles(ADMINS)
def remove(request: HttpRequest, member: Member, member_id: UUID) -> HttpResponse:
    """They cannot reach the workspace any more; adding them again brings them back."""
    try:
        members.remove_member(member.workspace_id, member_id, actor=member)
    except Invalid as error:
        return _members(request, member, _problem(str(error)), status=400)
    messages.success(request, _("They cannot reach the workspace any more."))
    return redirect("console-members", slug=member.workspace.slug)


def _problem(said: str) -> MemberForm:
    """An otherwise empty form that says what is wrong."""
    form = MemberForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, said)
    return form


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMINS)
def show_keys(request: HttpRequest, member: Member) -> HttpResponse:
    """Make a key. Its token is on this answer and nowhere else."""
    form = KeyForm(request.POST) if request.method == "POST" else KeyForm()
    made: NewApiKey | None = None
    if form.is_bound and form.is_valid():
        made = _made(member, form)
        form = KeyForm() if made else form
    return page(
        request,
        member,
        "keys.html",
        status=400 if form.is_bound else 200,
        form=form,
        made=made,
        keys=keys.api_keys(member.workspace_id),
    )


def _made(member: Member, form: KeyForm) -> NewApiKey | None:
    """A second click makes no second key: names are taken once."""
    name = form.cleaned_data["name"]
    with workspace_scope(member.workspace_id):
        lock(member.workspace_id)
        if any(key.name == name for key in keys.api_keys(member.workspace_id)):
            form.add_error("name", _("There is a key of this name already."))
            return None
        return keys.make_api_key(member.workspace_id, name=name, actor=member)


@require_POST
@for_roles(ADMINS)
def revoke_key(request: HttpRequest, member: Member) -> HttpResponse:
    """The key is named by its digest, from which nobody can make the token."""
    keys.revoke_api_key(member.workspace_id, request.POST.get("digest", "")[:64], actor=member)
    messages.success(request, _("The key works no more."))
    return redirect("console-keys", slug=member.workspace.slug)
