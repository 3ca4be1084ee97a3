"""Leave a sentence without support out of an answer, where the others can do without it.

Only a lack of support is forgiven. A sentence that breaks another rule (a foreign link, markup, a
denial of what the passage says) makes its whole author suspect. What was announced may not be
missing; a sentence that refers back goes with the one before it, and so does what goes on about the
same passage, since it may be the next step. What is left must still answer the question.
"""

import re
from collections.abc import Iterable, Sequence

from chatbot.escalation.sentences import CITATION
from chatbot.escalation.verification import Checked, Unsupported, Weighed, numbers_in

MORE_LIKELY_THAN_NOT = 0.5  # the reader's word on question and passage
MAY_GO = {"uncited", "support", "number", "name"}
_ANNOUNCES = re.compile(
    r":\s*(?:\[[\d,; ]+\])?\s*$|\b(?:following|as follows|below|these steps|следующ\w+|ниже)\b",
    re.IGNORECASE,
)
_REFERS = re.compile(
    r"^\W*(?:that|so|but|and|or|also|however|therefore|thus|next|finally|second(?:ly)?|third(?:ly)?"
    r"|after|afterwards|но|и|или|а|поэтому|далее|наконец|во-вторых|после)\b"
    r"|\b(?:it|its|this|these|those|they|them|their|theirs|then|otherwise|instead|such|former|latter"
    r"|above|again|both|either|neither|same|that(?=\s+(?:case|way|time|page|step|is|was|will|means)))"
    r"\b"
    r"|\bthat\s*[,.;:!?]"
    r"|\b(?:это|этот|эта|эти|этого|этой|этих|этим|этому|этом|он|она|оно|они|его|её|ее|их|им|ей|ними?"
    r"|затем|потом|тогда|иначе|также|тоже|там|так|такой|такая|такие|таких|выше|снова|оба|обе)\b",
    re.IGNORECASE,
)


class LeftOut:
    """What of one answer was left out. allowed: by the workspace."""

    def __init__(self, *, allowed: bool) -> None:
        self.count = 0
        self._allowed = allowed
        self._passages: set[int] = set()  # that what was left out cites
        self._last_went = False
        self._announced = False
        self._first: Unsupported | None = None

    def leave_out(self, sentence: str, why: Unsupported) -> None:
        """Raises `why` where the answer can't do without the sentence."""
        if not self._allowed or why.why not in MAY_GO or self._announced:
            raise why
        self._first = self._first or why
        self._go(n for match in CITATION.finditer(sentence) for n in numbers_in(match))

    def takes_along(self, sentence: str, weighed: Weighed) -> bool:
        """Whether this sentence goes too, although its passages say it."""
        if not self.count:
            self._announced = bool(_ANNOUNCES.search(sentence))
            return False
        refers = self._last_went and _REFERS.search(CITATION.sub("", sentence))
        if refers or self._passages & set(weighed.cited):
            self._go(weighed.cited)
            return True
        self._last_went = False
        self._announced = bool(_ANNOUNCES.search(sentence))
        return False

    def check_rest(self, kept: Sequence[Checked]) -> None:
        """Raises Unsupported where what is left does not answer."""
        if self._first is None:
            return
        relevances = [one.relevance for one in kept if one.relevance is not None]
        if max(relevances, default=0.0) < MORE_LIKELY_THAN_NOT:
            raise self._first

    def _go(self, passages: Iterable[int]) -> None:
        self.count += 1
        self._passages |= set(passages)
        self._last_went = True
