"""The large models' vendors that we know, and how each is spoken to.

All but Anthropic speak the OpenAI protocol at an address of their own, so two clients reach them
all: see docs/decisions/0031. Addresses: the vendors' documentation of their compatible endpoints.
`local` is none of them: a model that runs in the house, see docs/decisions/0032.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_noop

Protocol = Literal["openai", "anthropic", "local"]
LOCAL: Literal["local"] = "local"


@dataclass(frozen=True)
class Vendor:
    """`address`: empty where each customer has their own. `hosts`: ends of host names.

    usage_asked: tokens are counted in the stream where a request asks for it (`stream_options`);
    others count unasked, or refuse the field.
    """

    label: str
    protocol: Protocol = "openai"
    address: str = ""
    hosts: tuple[str, ...] = ()
    usage_asked: bool = True
    needs_key: bool = True
    newer_bound: bool = False  # max_completion_tokens; every other server knows max_tokens


VENDORS: Mapping[str, Vendor] = {
    "openai": Vendor(
        "OpenAI",
        address="https://api.openai.com/v1",
        hosts=("api.openai.com",),
        newer_bound=True,
    ),
    "azure": Vendor(
        "Azure OpenAI",
        hosts=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
        newer_bound=True,
    ),
    "anthropic": Vendor(
        "Anthropic", "anthropic", "https://api.anthropic.com", hosts=("api.anthropic.com",)
    ),
    "google": Vendor(
        "Google",
        address="https://generativelanguage.googleapis.com/v1beta/openai",
        hosts=("generativelanguage.googleapis.com",),
    ),
    "mistral": Vendor(
        "Mistral",
        address="https://api.mistral.ai/v1",
        hosts=("api.mistral.ai",),
        usage_asked=False,
    ),
    "cohere": Vendor(
        "Cohere",
        address="https://api.cohere.ai/compatibility/v1",
        hosts=("api.cohere.ai", "api.cohere.com"),
        usage_asked=False,
    ),
    "ai21": Vendor(
        "AI21",
        address="https://api.ai21.com/studio/v1",
        hosts=("api.ai21.com",),
        usage_asked=False,
    ),
    "compatible": Vendor("OpenAI-compatible server", needs_key=False),
    LOCAL: Vendor(gettext_noop("In the house"), LOCAL, needs_key=False),
}
