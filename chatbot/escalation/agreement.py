"""Does the large model say what tier 1 has said? Both texts rest on passages; neither is the judge.

Each sentence of one is a claim, and the other text the passage that may say it, with the same facts
and the same calibrated probability as for a citation. One claim that is said by the other text is
enough: the two are of one mind, however much one of them adds. Where every claim is unlikely, or a
number, a name or a denial speaks against it, they are not.
"""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatbot.escalation.sentences import CITATION, sentences_of
from chatbot.escalation.supporting import Judged
from chatbot.escalation.verification import Unsupported, Verifier
from knowledge.rendering import render_html

if TYPE_CHECKING:  # it loads onnxruntime, which the web process must not
    from inference.reader import Reader

_TAG = re.compile(r"<[^>]*>")
SUPPORTED, CONTRADICTED, UNCLEAR = "supported", "contradicted", "unclear"


@dataclass(frozen=True)
class Agreement:
    """probability: of the claim that the other text says best; threshold: from which it counts."""

    verdict: str
    probability: float
    threshold: float | None


def weigh(question: str, stands: str, answer: str, reader: "Reader | None") -> Agreement:
    """stands: what tier 1 said, Markdown; answer: what the large model said, and was checked.

    Cost with a reader: two runs, and one more for each sentence of the two.
    """
    first, second = _plain(stands), CITATION.sub("", answer)
    found = [*_claims(question, first, second, reader), *_claims(question, second, first, reader)]
    judged = [one for one in found if one is not None]
    if not judged:
        return Agreement(CONTRADICTED, 0.0, None)
    best = max(judged, key=lambda one: one.probability)
    verdict = UNCLEAR
    if best.enough:
        verdict = SUPPORTED
    elif best.unlikely:
        verdict = CONTRADICTED
    return Agreement(verdict, best.probability, best.threshold)


def _plain(markdown: str) -> str:
    """Its words, a block a line."""
    return html.unescape(_TAG.sub("", render_html(markdown))).strip()


def _claims(
    question: str, claims: str, said: str, reader: "Reader | None"
) -> Iterable[Judged | None]:
    """None for a claim that a number, a name or a denial of what is said speaks against."""
    passage = {"title": "", "heading_path": (), "text": said, "url": "", "article_id": ""}
    verifier = Verifier([passage], question)
    for claim in sentences_of(claims):
        try:
            verifier.check_facts(claim, [1])
            yield verifier.judged(claim, [1], reader)[0]
        except Unsupported:
            yield None
