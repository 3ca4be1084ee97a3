"""Hosts that a workspace is known by: a large model's answer may name links to these alone.

An article can be made to carry a stranger's link (a crawled page, an import), and a model that
obeys it would hand it on as the company's word. Tier 1 shows an article's own passage, with its
source beside it; tier 2 speaks in the company's name.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from chatbot.models import Widget
from knowledge.models import Source


def known_hosts(workspace_id: UUID, evidence: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Of the widget's sites, the sources and the articles' own addresses. Needs the scope."""
    return frozenset(host for host in _hosts(workspace_id, evidence) if host)


def _hosts(workspace_id: UUID, evidence: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield from settings.ALLOWED_HOSTS
    for origins in Widget.objects.filter(workspace_id=workspace_id).values_list("origins"):
        yield from (host_of(one) for one in origins[0])
    for location in Source.objects.filter(workspace_id=workspace_id).values_list("location"):
        yield host_of(location[0])
    for row in evidence:
        yield host_of(str(row["url"]))


def host_of(address: str) -> str:
    """Lower case, without www.; empty where there is none."""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    return host.lower().removeprefix("www.")


def is_known(address: str, hosts: Iterable[str]) -> bool:
    """A host of these, or one below it."""
    host = host_of(address)
    return any(host == one or host.endswith(f".{one}") for one in hosts if one not in {"", "*"})
