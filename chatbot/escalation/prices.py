"""What a call costs in US dollars: from the settings, else from the list of genai-prices.

A model that neither knows is counted as free, as a model on one's own machine is.
"""

import logging

from django.conf import settings

log = logging.getLogger(__name__)
MAX_OUTPUT_TOKENS = 1_000
CHARACTERS_PER_TOKEN = 2.5  # below the usual 3 to 4, so that an estimate is rather too high


def cost_usd(input_tokens: int, output_tokens: int) -> float:
    """The price of this many tokens of the configured model."""
    price_in, price_out = settings.LLM_PRICE_INPUT_PER_MTOK, settings.LLM_PRICE_OUTPUT_PER_MTOK
    if price_in or price_out:
        return float(input_tokens * price_in + output_tokens * price_out) / 1_000_000
    return _listed_cost_usd(input_tokens, output_tokens)


def tokens_in(text: str) -> int:
    """An estimate from above, for where the provider has not counted."""
    return round(len(text) / CHARACTERS_PER_TOKEN)


def most_cost_usd(prompt_characters: int) -> float:
    """What a call with a prompt of this length can cost at most."""
    return cost_usd(round(prompt_characters / CHARACTERS_PER_TOKEN), MAX_OUTPUT_TOKENS)


def _listed_cost_usd(input_tokens: int, output_tokens: int) -> float:
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        if settings.LLM_BASE_URL:
            found = calc_price(usage, settings.LLM_MODEL, provider_api_url=settings.LLM_BASE_URL)
        else:
            found = calc_price(usage, settings.LLM_MODEL, provider_id=settings.LLM_PROVIDER)
    except LookupError:
        log.info("no price", extra={"event": "price_unknown", "model": settings.LLM_MODEL})
        return 0.0
    return float(found.total_price)
