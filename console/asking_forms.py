"""Forms in which questions are written: golden ones, and those of the playground."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from chatbot.errors import Invalid
from chatbot.texts import MAX_TEXT, checked_text
from console import dialogue
from console.asking_words import ASKER_WORDS, EXPECTED_WORDS
from learning import golden, golden_listing
from learning.matching import Span
from learning.models import GoldenQuestion
from learning.places import place_of
from learning.playground import Try
from learning.questions import Question

LARGEST_FILE = 20_000_000
LANGUAGES = [code for code, _name in settings.LANGUAGES]


class DialogueForm(forms.Form):
    """A question, what was said before it, and who asks."""

    question = forms.CharField(
        label=_("Question"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    history = forms.CharField(
        label=_("Earlier messages"),
        help_text=_("Oldest first. Begin each with “visitor:” or “bot:”."),
        max_length=40_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "visitor: …\nbot: …"}),
    )
    audience = forms.ChoiceField(
        label=_("Who asks"), choices=list(ASKER_WORDS.items()), initial="public"
    )

    def clean_question(self) -> str:
        try:
            return checked_text(self.cleaned_data["question"])
        except Invalid as error:
            raise ValidationError(str(error)) from error

    def clean_history(self) -> tuple[tuple[str, str], ...]:
        return dialogue.read(self.cleaned_data["history"])


class PlaygroundForm(DialogueForm):
    language = forms.ChoiceField(
        label=_("Language of the visitor"), choices=[(code, code) for code in LANGUAGES]
    )
    doc_id = forms.CharField(
        label=_("With the draft of an article"),
        help_text=_("Its title or id. The question is also answered as if its newest text, which "
                    "is not published, were."),
        max_length=golden.LONGEST_NAME,
        required=False,
    )  # fmt: skip

    def wanted(self) -> Try:
        given = self.cleaned_data
        return Try(
            question=given["question"],
            history=given["history"],
            audience=given["audience"],
            language=given["language"],
            doc_id=given["doc_id"],
        )


class GoldenForm(DialogueForm):
    """`row` is the question that is edited; what is not shown of it is kept."""

    expected = forms.ChoiceField(label=_("Expected"), choices=list(EXPECTED_WORDS.items()))
    doc_id = forms.CharField(
        label=_("Article"),
        help_text=_("Its title or id; choose one of those that are found."),
        max_length=golden.LONGEST_NAME,
        required=False,
    )
    quote = forms.CharField(
        label=_("The words that answer"),
        help_text=_("Copied from the article's text."),
        max_length=40_000,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answers = forms.CharField(
        label=_("Right answers in other words"),
        help_text=_("One a line. An answer that shares half of the words counts as right."),
        max_length=40_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        workspace_id: UUID,
        row: GoldenQuestion | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(row) if row else initial)
        self._workspace_id, self._row = workspace_id, row
        self._spans: tuple[Span, ...] = ()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        expected = given.get("expected")
        if expected in {"place", "article"}:
            self._find(given, words=expected == "place")
        if expected == "answers" and not given.get("answers"):
            self.add_error("answers", _("Write at least one answer."))
        return given

    def _find(self, given: dict[str, Any], *, words: bool) -> None:
        """The article, and the place of the words in it."""
        doc_id, quote = given.get("doc_id", ""), given.get("quote", "").replace("\r\n", "\n")
        if not doc_id:
            self.add_error("doc_id", _("Choose an article."))
            return
        text = golden_listing.text_that_answers(self._workspace_id, doc_id)
        if text is None:
            self.add_error("doc_id", _("There is no such article."))
        if not words:
            return
        if not quote.strip():
            self.add_error("quote", _("Copy the words that answer."))
        elif self._unchanged(doc_id, quote):
            self._spans = tuple(Span(*span) for span in self._row.spans) if self._row else ()
        elif text is not None:
            place = place_of(quote.strip(), text)
            if place is None:
                self.add_error("quote", _("These words do not stand in what the article says now."))
            else:
                self._spans = (Span(doc_id, *place),)

    def _unchanged(self, doc_id: str, quote: str) -> bool:
        """The place as it was written down, whatever became of the article since."""
        before = _initial(self._row) if self._row else {}
        return bool(before.get("quote")) and (
            (before["doc_id"], before["quote"].strip()) == (doc_id, quote.strip())
        )

    def wanted(self) -> Question:
        given, expected = self.cleaned_data, self.cleaned_data["expected"]
        lines = [line.strip() for line in given["answers"].splitlines()]
        return Question(
            id=self._row.key if self._row else f"console-{uuid7()}",
            question=given["question"],
            history=given["history"],
            doc_id=given["doc_id"] or None if expected != "nothing" else None,
            spans=self._spans if expected == "place" else (),
            answers=tuple(line for line in lines if line) if expected != "nothing" else (),
            answerable=expected != "nothing",
            group=self._row.group if self._row else None,
            audience=given["audience"],
        )


def _initial(row: GoldenQuestion) -> dict[str, Any]:
    expected = "article" if row.doc_id else "answers"
    if row.answerable is False:
        expected = "nothing"
    elif row.spans:
        expected = "place"
    return {
        "question": row.question,
        "history": dialogue.written((role, text) for role, text in row.history),
        "audience": row.audience,
        "expected": expected,
        "doc_id": row.doc_id or (row.spans[0][0] if row.spans else ""),
        "quote": next(iter(row.quotes), ""),
        "answers": "\n".join(" ".join(answer.split()) for answer in row.answers),
    }


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File of JSON lines"), max_length=200)
    replace = forms.BooleanField(
        label=_("Remove the questions that are not in the file"), required=False
    )
