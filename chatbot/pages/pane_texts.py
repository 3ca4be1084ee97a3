"""The words that the scripts of the pane show, in the language that is active."""

from django.utils.translation import gettext as _


def pane_texts() -> dict[str, str]:
    return {
        "no_canned": _("No canned reply has this name."),
        "look_up_failed": _("That could not be asked. Please try again."),
        "based_on_suggestion": _("From a suggested reply: its source goes with it."),
        "joined_draft": _("You wrote something on another device too; it stands below."),
        "overtaken": _("Somebody else has replied meanwhile. Look, then send again."),
        "unseen": _("Something new has come from the visitor. Look, then decide again."),
        "withdrawn": _(
            "Visitors may not read this article any more. Look at the text, then send again."
        ),
        "also_looks": _("{name} looks at this too."),
        "also_writes": _("{name} is writing here."),
        "verdict_label": _("This answer was"),
        "verdict_right": _("right"),
        "verdict_incomplete": _("right, but incomplete"),
        "verdict_wrong": _("wrong"),
        "verdict_by": _("said {name}"),
        "mentioned_by": _("{name} mentions you in a note."),
        "bot_asks": _("The bot asks you something."),
        "colleague_asked": _("The bot asks {name}: {reason}"),
        "colleague_answered": _("{name} has answered the bot's question."),
        "check_pending": _("being checked"),
        "check_checked": _("checked"),
        "check_amended": _("changed after a check"),
        "check_withdrawn": _("taken back after a check"),
        "check_unchecked": _("could not be checked"),
        "amended_checked": _("The large model bears out the bot's answer."),
        "amended_amended": _("The large model says something else, which stands above now."),
        "amended_withdrawn": _("The large model finds no answer, so the bot's was taken back."),
        "amended_unchecked": _("The bot's answer could not be checked."),
        "text_before": _("What stood there before"),
        "removed": _("Sentences left out"),
        "decision_check": _("Leave the answer as it is"),
        "notify_refused": _("The browser does not allow it. Change that in its settings first."),
    }
