"""Upload files: what came is kept, and imported by the knowledge worker."""

import math
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import EDITORS
from accounts.models import Member
from console.gate import for_roles, page
from console.numbers import page_number
from console.words import UPLOAD_WORDS
from knowledge import reasons, uploads
from knowledge.articles import KnowledgeError
from knowledge.models import Upload
from knowledge.parsing.formats import KNOWN

MOST_FILES = 50
FORMATS = ",".join(sorted({*KNOWN, ".gz"}))


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(EDITORS)
def upload(request: HttpRequest, member: Member) -> HttpResponse:
    """Each file is taken or refused by itself; the page says which."""
    if request.method != "POST":
        return _page(request, member, [])
    files = request.FILES.getlist("files")
    problems = [] if files else [ngettext("Choose a file.", "Choose files.", MOST_FILES)]
    if len(files) > MOST_FILES:
        problems = [ngettext("At most %d file.", "At most %d files.", MOST_FILES) % MOST_FILES]
        files = []
    taken = 0
    for file in files:
        try:
            _take(request, member, file)
            taken += 1
        except KnowledgeError as error:
            problems.append(str(error))
    if problems:
        return _page(request, member, problems)
    messages.success(
        request,
        ngettext("%d file is being imported.", "%d files are being imported.", taken) % taken,
    )
    return redirect("console-uploads", slug=member.workspace.slug)


@require_POST
@for_roles(EDITORS)
def upload_one(request: HttpRequest, member: Member) -> JsonResponse:
    """One file of many, which the page sends one after the other and shows each by itself."""
    file = request.FILES.get("file")
    try:
        if file is None:
            raise KnowledgeError(_("No file arrived."))
        _take(request, member, file)
    except KnowledgeError as error:
        return JsonResponse({"problem": str(error)}, status=400)
    return JsonResponse({"problem": ""})


def _take(request: HttpRequest, member: Member, file: "UploadedFile[bytes]") -> None:
    """Raises KnowledgeError."""
    uploads.check_size(file.name or "", file.size or 0)
    replaces = "replaces" in request.POST
    uploads.accept(member, file.name or "", file.read(), replaces=replaces)


@require_safe
@for_roles(EDITORS)
def status(request: HttpRequest, member: Member) -> HttpResponse:
    """The table alone, which asks for itself again while something waits."""
    return page(request, member, "upload_rows.html", **_rows(request, member))


@require_POST
@for_roles(EDITORS)
def cancel(request: HttpRequest, member: Member, upload_id: UUID) -> HttpResponse:
    uploads.cancel(member, upload_id)
    messages.success(request, _("It is read no further. What was imported stays."))
    return redirect("console-uploads", slug=member.workspace.slug)


def _page(request: HttpRequest, member: Member, problems: list[str]) -> HttpResponse:
    return page(
        request,
        member,
        "uploads.html",
        status=400 if problems else 200,
        problems=problems,
        formats=FORMATS,
        most_files=MOST_FILES,
        most_mb=uploads.LARGEST // 1_000_000,
        most_zip_mb=uploads.LARGEST_ZIP // 1_000_000,
        **_rows(request, member),
    )


def _rows(request: HttpRequest, member: Member) -> dict[str, Any]:
    number = page_number(request.GET)
    found, more = uploads.recent(member.workspace_id, number=number)
    return {
        "uploads": [
            (one, UPLOAD_WORDS[one.state], _problems(one), _remaining(one)) for one in found
        ],
        "number": number,
        "more": more,
        "waiting": any(one.state in uploads.UNFINISHED for one in found),
    }


def _problems(upload: Upload) -> list[str]:
    return [reasons.told(line) for line in upload.problems]


def _remaining(upload: Upload) -> str:
    """In words, rounded up; empty while it is not known."""
    seconds = uploads.remaining_s(upload, now=timezone.now())
    if seconds is None:
        return ""
    if seconds < 60:
        return _("less than a minute left")
    minutes = math.ceil(seconds / 60)
    return ngettext("about %d minute left", "about %d minutes left", minutes) % minutes
