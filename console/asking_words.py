"""Words of the pages where questions are tried: golden questions, playground, drafts."""

from django.utils.translation import gettext_lazy as _

from learning.contradictions import DATES, NEGATION, NUMBERS
from learning.draft_checks import CHANGED, IMPROVED, LOST

ASKER_WORDS = {
    "public": _("a visitor from the street"),
    "signed_in": _("a visitor who is signed in"),
    "internal": _("a member"),
}
GOLDEN_WORDS = {
    "right": _("right"),
    "wrong": _("wrong"),
    "unanswered": _("not answered"),
    "open": _("nothing expected"),
    "new": _("not asked yet"),
}
EXPECTED_WORDS = {
    "place": _("These words of an article"),
    "article": _("Any answer from an article"),
    "answers": _("An answer in these words, from wherever"),
    "nothing": _("No answer: the bot must not answer this"),
}
DECISION_WORDS = {
    "answer": _("Answer"),
    "clarify": _("Ask back"),
    "decline": _("Say that it is out of scope"),
    "escalate": _("Ask the large model or a person"),
    "smalltalk": _("Small talk"),
    "handoff": _("Pass to a person"),
}
TIER_WORDS = {
    0: _("0: recognised, not searched"),
    1: _("1: compact model on this server"),
    2: _("2: large model"),
    3: _("3: a person"),
}
INTENT_WORDS = {
    "question": _("a question"),
    "person": _("the wish for a person"),
    "complaint": _("a complaint"),
    "out_of_scope": _("something out of scope"),
    "greeting": _("a greeting"),
    "thanks": _("a thank-you"),
    "goodbye": _("a goodbye"),
    "smalltalk": _("small talk"),
}
STAGE_WORDS = {
    "draft": _("cut and embed the draft"),
    "embed": _("embed"),
    "understand": _("understand"),
    "retrieve": _("retrieve"),
    "read": _("read"),
    "decide": _("decide"),
}
PROBLEM_WORDS = {
    "no_models": _("The compact models cannot be used now, so nothing was asked."),
    "gone": _("The model version or the draft is not there any more."),
    "no_worker": _("No worker could finish it. Try again."),
}
CHANGE_WORDS = {
    LOST: _("gets lost"),
    IMPROVED: _("gets better"),
    CHANGED: _("changes"),
}
HINT_WORDS = {
    NUMBERS: _("other numbers"),
    DATES: _("other days or months"),
    NEGATION: _("one of them denies"),
}
