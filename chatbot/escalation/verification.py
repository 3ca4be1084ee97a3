"""Check each sentence of the large model against the passages that it cites.

A sentence passes only if

- it cites, and every citation is a passage that was sent;
- it is plain text: no Markdown link or picture, and no HTML;
- its links lead to hosts that the workspace is known by (chatbot.escalation.hosts);
- its numbers, names, codes and addresses stand in the cited passages; addresses and order
  numbers may also be the visitor's own;
- at least MIN_SUPPORT of its content words stand in the cited passages;
- it denies something exactly where the nearest clause of those passages does.

Words are compared, not meanings: the check turns away true sentences that stray from the words
of the articles, and then a person answers. No model is needed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chatbot.answering.contract import Citation
from chatbot.escalation import facts
from chatbot.escalation.hosts import is_known
from chatbot.escalation.prompt import REFUSAL
from chatbot.escalation.redaction import has_placeholder
from chatbot.escalation.sentences import CITATION, sentences_of
from knowledge.analysis import terms
from knowledge.rendering import citation_url

MIN_SUPPORT = 0.7  # share of content words; the tests hold true and false sentences on either side
MAX_QUOTE = 300
_MARKUP = re.compile(r"\]\s*[(\[:]|!\[|<[a-z/!?]|&#?\w+;|\\[\[\](<!]", re.IGNORECASE)
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//[^\s<>\"'»”\])]+|\bwww\.[^\s<>\"'»”\])]+", re.IGNORECASE
)
_CLAUSE_END = re.compile(
    r";|,\s*(?=(?:but|however|although|while|но|а|однако|хотя)\b)", re.IGNORECASE
)


class Unsupported(Exception):
    """The answer must not be shown; `why` is a short code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Refused(Unsupported):
    """The model itself says that the passages do not answer the question."""


@dataclass(frozen=True)
class Checked:
    """A sentence that may be shown; its citations are numbered in the order of the answer."""

    text: str
    support: float


class Verifier:
    """Checks the sentences of one answer in their order."""

    def __init__(
        self,
        evidence: Sequence[Mapping[str, Any]],
        question: str,
        *,
        hosts: Collection[str] = (),
    ) -> None:
        """hosts: that links may lead to."""
        self._evidence = evidence
        self._hosts = hosts
        self._question = question
        self._shown: dict[int, int] = {}  # passage's number in the prompt → number in the answer
        self._quotes: dict[int, str] = {}

    def anew(self) -> "Verifier":
        """For another answer to the same question."""
        return Verifier(self._evidence, self._question, hosts=self._hosts)

    def check(self, sentence: str) -> Checked:
        """`sentence` has its placeholders put back. Raises Unsupported or Refused."""
        if REFUSAL in sentence:
            raise Refused("refused")
        cited = self._cited(sentence)
        whole = CITATION.sub("", sentence).strip()
        body = facts.without_own(whole, self._question)
        if has_placeholder(whole):
            raise Unsupported("placeholder")
        if _MARKUP.search(whole):
            raise Unsupported("markup")
        if not all(is_known(link, self._hosts) for link in _LINK.findall(whole)):
            raise Unsupported("foreign_link")
        passage = "\n".join(_shown_text(self._evidence[number - 1]) for number in cited)
        if facts.addresses(whole) - facts.addresses(passage) - facts.addresses(self._question):
            raise Unsupported("address")
        _check_facts(body, passage)
        support = _support(body, passage)
        if support < MIN_SUPPORT:
            raise Unsupported("overlap")
        clauses = [clause for n in cited for clause in _clauses(self._evidence[n - 1]["text"])]
        if facts.negates(body) not in {facts.negates(near) for near in _nearest(body, clauses)}:
            raise Unsupported("negation")
        for number in cited:
            self._shown.setdefault(number, len(self._shown) + 1)
            sentences = sentences_of(self._evidence[number - 1]["text"])
            self._quotes.setdefault(number, _nearest(body, sentences)[0])
        return Checked(CITATION.sub(self._renumbered, sentence), support)

    @property
    def cited_passages(self) -> list[str]:
        """Ids of what the sentences that passed have cited, in the order of the answer."""
        return [self._evidence[number - 1]["passage_id"] for number in self._shown]

    def citations(self, workspace_slug: str) -> tuple[Citation, ...]:
        """What the sentences that passed have cited."""
        return tuple(
            _citation(shown, self._evidence[number - 1], self._quotes[number], workspace_slug)
            for number, shown in self._shown.items()
        )

    def _cited(self, sentence: str) -> list[int]:
        numbers = [n for match in CITATION.finditer(sentence) for n in _numbers_in(match)]
        if not numbers:
            raise Unsupported("uncited")
        if not all(1 <= number <= len(self._evidence) for number in numbers):
            raise Unsupported("unknown_citation")
        return list(dict.fromkeys(numbers))

    def _renumbered(self, match: re.Match[str]) -> str:
        return " " + "".join(f"[{self._shown[number]}]" for number in _numbers_in(match))


def _check_facts(body: str, passage: str) -> None:
    if facts.numbers(body) - facts.numbers(passage):
        raise Unsupported("number")
    known_terms = set(terms(passage))
    if not all(known_terms.issuperset(terms(name)) for name in facts.names(body)):
        raise Unsupported("name")


def _numbers_in(match: re.Match[str]) -> list[int]:
    return [int(number) for number in match[1].replace(";", ",").split(",")]


def _shown_text(row: Mapping[str, Any]) -> str:
    return "\n".join([row["title"], *row["heading_path"], row["text"], row["url"]])


def _support(body: str, passage: str) -> float:
    words = facts.content(body)
    return len(words & facts.content(passage)) / len(words) if words else 0.0


def _clauses(passage: str) -> list[str]:
    return [clause for sentence in sentences_of(passage) for clause in _CLAUSE_END.split(sentence)]


def _nearest(body: str, parts: Sequence[str]) -> list[str]:
    """The parts that share most content words with the answer's sentence."""
    words = facts.content(body)
    shared = [len(words & facts.content(part)) for part in parts]
    return [part for part, n in zip(parts, shared, strict=True) if n == max(shared)] or [""]


def _citation(number: int, row: Mapping[str, Any], quote: str, slug: str) -> Citation:
    path = row["heading_path"]
    return Citation(
        number=number,
        article_id=row["article_id"],
        title=row["title"],
        heading=path[-1] if path else "",
        url=citation_url(slug, UUID(row["article_id"]), path),
        quote=quote[:MAX_QUOTE],
    )
