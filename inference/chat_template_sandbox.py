"""A program of its own, for inference.chat_template: reads a template, writes the texts around it.

It imports nothing of ours: it runs isolated, with bounds of time and memory.
"""

import json
import resource
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

LIMIT_S, LIMIT_BYTES, MOST_FRAME = 5, 1_000_000_000, 20_000
FIRST, SECOND = "\ue000first\ue001", "\ue000second\ue001"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    asked = json.load(sys.stdin)
    system = [{"role": "system", "content": FIRST}, {"role": "user", "content": SECOND}]
    merged = [{"role": "user", "content": f"{FIRST}\n\n{SECOND}"}]
    found = _rendered(asked, system) or _rendered(asked, merged)
    if found is None:
        raise ValueError("it does not write both texts, once and in order")
    json.dump(dict(zip(("before", "between", "after"), found, strict=True)), sys.stdout)


def _rendered(
    asked: Mapping[str, Mapping[str, str]], messages: list[dict[str, str]]
) -> tuple[str, str, str] | None:
    """The texts around the marks; None where the template refuses or loses one of them."""

    def refuse(message: str) -> None:
        raise TemplateError(message)

    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    sandbox.globals["raise_exception"] = refuse
    # Some tell the model a date. It stays the day on which the model was added.
    sandbox.globals["strftime_now"] = datetime.now(tz=UTC).strftime
    try:
        text = sandbox.from_string(str(asked["template"])).render(
            messages=messages,
            add_generation_prompt=True,
            enable_thinking=False,  # reasoning aloud would be no sentence with a citation
            tools=None,
            **asked["tokens"],
        )
    except TemplateError:
        if messages[0]["role"] == "system":
            return None
        raise
    if text.count(FIRST) != 1 or text.count(SECOND) != 1 or len(text) > MOST_FRAME:
        return None
    before, _, rest = text.partition(FIRST)
    between, mark, after = rest.partition(SECOND)
    return (before, between, after) if mark else None


if __name__ == "__main__":
    main()
