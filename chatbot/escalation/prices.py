"""What a call costs in US dollars: as the connection says, else by the list of genai-prices.

A model that neither knows is counted as free, as a model on one's own machine is.
"""

import logging

from chatbot.escalation.connections import Connection

log = logging.getLogger(__name__)
MAX_OUTPUT_TOKENS = 1_000
# Of UTF-8, below the usual 3 to 5 of English, Russian and Chinese alike: an estimate is rather too
# high. Characters would not do: a token has four of English, two of Russian, one of Chinese.
BYTES_PER_TOKEN = 2.5


def cost_usd(to: Connection, input_tokens: int, output_tokens: int) -> float:
    """The price of this many tokens of the connection's model."""
    return known_cost_usd(to, input_tokens, output_tokens) or 0.0


def known_cost_usd(to: Connection, input_tokens: int, output_tokens: int) -> float | None:
    """None where neither the connection nor the list has a price."""
    if to.price_input is not None or to.price_output is not None:
        price_in, price_out = to.price_input or 0.0, to.price_output or 0.0
        return (input_tokens * price_in + output_tokens * price_out) / 1_000_000
    if to.stays:
        return 0.0
    return _listed_cost_usd(to, input_tokens, output_tokens)


def tokens_in(text: str) -> int:
    """An estimate from above, for where the provider has not counted."""
    return round(len(text.encode(errors="replace")) / BYTES_PER_TOKEN)


def most_cost_usd(to: Connection, text: str) -> float:
    """What a call with this prompt can cost at most."""
    return cost_usd(to, tokens_in(text), MAX_OUTPUT_TOKENS)


def _listed_cost_usd(to: Connection, input_tokens: int, output_tokens: int) -> float | None:
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    try:
        if to.base_url == to.vendor.address:
            found = calc_price(usage, to.model, provider_id=to.vendor_name)
        else:
            found = calc_price(usage, to.model, provider_api_url=to.base_url)
    except LookupError:
        log.info("no price", extra={"event": "price_unknown", "model": to.model})
        return None
    return float(found.total_price)
