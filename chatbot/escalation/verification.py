"""Check each sentence of the large model against the passages that it cites.

A sentence passes only if

- it cites, and every citation is a passage that was sent;
- it is plain text: no Markdown link or picture, no HTML, and no character that nobody sees;
- its links lead to hosts that the workspace is known by (chatbot.escalation.hosts);
- its numbers, names, codes and addresses stand in the cited passages; addresses and order
  numbers may also be the visitor's own;
- it denies something exactly where the nearest clause of those passages does;
- the probability that the passages say it is high enough (chatbot.escalation.supporting).

The last one is calibrated; those before are hard rules, whatever the probability. The check turns
away true sentences that stray from the words of the articles, and then a person answers.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chatbot.answering.contract import Citation
from chatbot.escalation import facts, likeness, supporting
from chatbot.escalation.hosts import is_known
from chatbot.escalation.prompt import REFUSAL
from chatbot.escalation.redaction import has_placeholder
from chatbot.escalation.sentences import CITATION, sentences_of
from inference.errors import ModelUnavailable
from knowledge.analysis import terms
from knowledge.rendering import citation_url

if TYPE_CHECKING:  # it loads onnxruntime, which the web process must not
    from inference.reader import Reader, ReaderPassage, Reading

MAX_QUOTE = 300
_MARKUP = re.compile(r"\]\s*[(\[:]|!\[|<[a-z/!?]|&#?\w+;|\\[\[\](<!]", re.IGNORECASE)
# Control characters, halves of pairs, and what turns the direction of writing: no database takes
# the first ones, and nobody sees the last ones.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
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
    """A sentence that may be shown; its citations are numbered in the order of the answer.

    support: the probability that the passages say it, shown from `threshold` on. relevance: of the
    cited passages to the question, None where no reader was there.
    """

    text: str
    support: float
    threshold: float
    relevance: float | None


@dataclass(frozen=True)
class Weighed:
    """A sentence that its passages say. body: what it says; cited: as the model numbers them."""

    body: str
    cited: tuple[int, ...]
    judged: supporting.Judged
    relevance: float | None


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
        self._rare = likeness.rarity(evidence)
        self._read: dict[int, Reading] = {}  # passage's number → the question read in it
        self._shown: dict[int, int] = {}  # passage's number in the prompt → number in the answer
        self._quotes: dict[int, str] = {}

    def anew(self) -> "Verifier":
        """For another answer to the same question."""
        return Verifier(self._evidence, self._question, hosts=self._hosts)

    def check(self, sentence: str, reader: "Reader | None" = None) -> Checked:
        """Weigh and admit in one."""
        return self.admit(sentence, self.weigh(sentence, reader))

    def weigh(self, sentence: str, reader: "Reader | None" = None) -> Weighed:
        """`sentence` has its placeholders put back. Raises Unsupported or Refused.

        Cost with a reader: a run for each cited passage, and another the first time it is cited.
        """
        cited, body = self.claim(sentence)
        judged, relevance = self.judged(body, cited, reader)
        if not judged.enough:
            raise Unsupported("support")
        return Weighed(body, tuple(cited), judged, relevance)

    def admit(self, sentence: str, weighed: Weighed) -> Checked:
        """The sentence becomes part of the answer; its citations are numbered on."""
        for number in weighed.cited:
            self._shown.setdefault(number, len(self._shown) + 1)
            sentences = sentences_of(self._evidence[number - 1]["text"])
            self._quotes.setdefault(number, _nearest(weighed.body, sentences)[0])
        judged = weighed.judged
        text = CITATION.sub(self._renumbered, sentence)
        return Checked(text, judged.probability, judged.threshold, weighed.relevance)

    def claim(self, sentence: str) -> tuple[list[int], str]:
        """What passes the hard rules: numbers of the cited passages, and what is said of them."""
        if REFUSAL in sentence:
            raise Refused("refused")
        cited = self._cited(sentence)
        whole = CITATION.sub("", sentence).strip()
        body = facts.without_own(whole, self._question)
        if has_placeholder(whole):
            raise Unsupported("placeholder")
        if _MARKUP.search(whole) or _UNSEEN.search(whole):
            raise Unsupported("markup")
        if not all(is_known(link, self._hosts) for link in _LINK.findall(whole)):
            raise Unsupported("foreign_link")
        passage = "\n".join(_shown_text(self._evidence[number - 1]) for number in cited)
        if facts.addresses(whole) - facts.addresses(passage) - facts.addresses(self._question):
            raise Unsupported("address")
        self.check_facts(body, cited)
        return cited, body

    def check_facts(self, body: str, cited: Sequence[int]) -> None:
        """Numbers, names and denials of what is said. Raises Unsupported."""
        rows = [self._evidence[number - 1] for number in cited]
        passage = "\n".join(_shown_text(row) for row in rows)
        if facts.numbers(body) - facts.numbers(passage):
            raise Unsupported("number")
        known_terms = set(terms(passage))
        if not all(known_terms.issuperset(terms(name)) for name in facts.names(body)):
            raise Unsupported("name")
        clauses = [clause for row in rows for clause in _clauses(row["text"])]
        if facts.negates(body) not in {facts.negates(near) for near in _nearest(body, clauses)}:
            raise Unsupported("negation")

    def features(
        self, body: str, cited: Sequence[int], reader: "Reader | None"
    ) -> tuple[dict[str, float], dict[str, float] | None]:
        """Of words, and of reading where there is a reader; cited: as `claim` gives it."""
        rows = [self._evidence[number - 1] for number in cited]
        words = likeness.of_words(body, self._question, rows, self._rare)
        if reader is None:
            return words, None
        asked = [self._question_read(number, reader) for number in cited]
        said = [reader.read(body, [_to_read(row)])[0] for row in rows]
        return words, likeness.of_reading(asked, said)

    def judged(
        self, body: str, cited: Sequence[int], reader: "Reader | None"
    ) -> tuple[supporting.Judged, float | None]:
        """With the passages' relevance to the question, None without a reader."""
        words, reading = self.features(body, cited, reader)
        try:
            judged = supporting.judge(words, reading)
        except ModelUnavailable:
            raise Unsupported("no_model") from None
        if reader is None:
            return judged, None
        return judged, max(self._question_read(number, reader).relevance for number in cited)

    def _question_read(self, number: int, reader: "Reader") -> "Reading":
        if number not in self._read:
            row = _to_read(self._evidence[number - 1])
            self._read[number] = reader.read(self._question, [row])[0]
        return self._read[number]

    @property
    def cited(self) -> list[Mapping[str, Any]]:
        """The rows that the sentences that passed have cited, in the order of the answer."""
        return [self._evidence[number - 1] for number in self._shown]

    def citations(self, workspace_slug: str) -> tuple[Citation, ...]:
        """What the sentences that passed have cited."""
        return tuple(
            _citation(shown, self._evidence[number - 1], self._quotes[number], workspace_slug)
            for number, shown in self._shown.items()
        )

    def _cited(self, sentence: str) -> list[int]:
        numbers = [n for match in CITATION.finditer(sentence) for n in numbers_in(match)]
        if not numbers:
            raise Unsupported("uncited")
        if not all(1 <= number <= len(self._evidence) for number in numbers):
            raise Unsupported("unknown_citation")
        return list(dict.fromkeys(numbers))

    def _renumbered(self, match: re.Match[str]) -> str:
        return " " + "".join(f"[{self._shown[number]}]" for number in numbers_in(match))


def numbers_in(match: re.Match[str]) -> list[int]:
    """Of one citation."""
    return [int(number) for number in match[1].replace(";", ",").split(",")]


def _shown_text(row: Mapping[str, Any]) -> str:
    return "\n".join([row["title"], *row["heading_path"], row["text"], row["url"]])


def _to_read(row: Mapping[str, Any]) -> "ReaderPassage":
    from inference.reader import ReaderPassage

    return ReaderPassage(row["title"], tuple(row["heading_path"]), row["text"])


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
