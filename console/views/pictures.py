"""Pictures for the editor: one is sent by its button, pasted or dropped, and named in the text."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import EDITORS
from accounts.models import Member
from console.gate import for_roles
from knowledge import pictures
from knowledge.pictures import PictureRefused


@require_POST
@for_roles(EDITORS)
def upload(request: HttpRequest, member: Member) -> HttpResponse:
    """200 with the picture's path, or 400 with what is wrong with it."""
    file = request.FILES.get("picture")
    if file is None:
        return JsonResponse({"problem": _("Choose a picture.")}, status=400)
    try:
        data = file.read(pictures.LARGEST + 1)
        kept = pictures.keep(member, data)
    except PictureRefused as error:
        return JsonResponse({"problem": str(error)}, status=400)
    path = pictures.path(member.workspace.slug, kept)
    return JsonResponse({"path": path, "width": kept.width, "height": kept.height})
