"""What load balancers and people on call ask: does the process live, can it do its work?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chatbot import health


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process serves requests; looks at nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is there, else 503 with the names of the missing ones."""
    found = health.readiness()
    body = {"ready": found.ready, "missing": list(found.missing)}
    return JsonResponse(body, status=200 if found.ready else 503)
