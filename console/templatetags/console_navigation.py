"""The console's navigation, drawn for whoever looks at the page."""

from typing import Any

from django import template

from console import navigation

register = template.Library()


@register.inclusion_tag("console/navigation.html", takes_context=True)
def console_navigation(context: dict[str, Any]) -> dict[str, Any]:
    """Needs `member` and `request`, which every page of a workspace has."""
    member = context["member"]
    groups = navigation.for_member(member, context["request"].path)
    return {"workspace": member.workspace, "groups": groups}
