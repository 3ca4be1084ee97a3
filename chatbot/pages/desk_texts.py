"""The words that the desk's scripts show, in the language that is active.

`{name}` and the like are filled in by the scripts.
"""

from django.utils.translation import gettext as _

from chatbot.pages.inbox_texts import inbox_texts
from chatbot.pages.pane_texts import pane_texts


def desk_texts() -> dict[str, str]:
    return {
        **_page(), **inbox_texts(), **_timeline(), **_receipt(), **_notices(), **pane_texts()
    }  # fmt: skip


def _page() -> dict[str, str]:
    return {
        "desk": _("Desk"),
        "connecting": _("Connecting…"),
        "connected": _("Connected"),
        "offline": _("No connection. Trying again…"),
        "refused": _("You may not use this desk any longer."),
        "visitor": _("Visitor {id}"),
        "with_bot": _("Bot"),
        "waits": _("Waiting for {time}"),
        "state_queue": _("Waiting for an agent"),
        "state_bot": _("The bot answers"),
        "state_mine": _("You have this conversation"),
        "state_member": _("{name} has this conversation"),
        "state_resolved": _("Resolved"),
        "state_snoozed": _("Put off"),
        "typing": _("The visitor is typing…"),
        "reply_label": _("Your reply to the visitor"),
        "reply_hint": _("Enter sends, Shift+Enter begins a new line."),
        "reply_not_yours": _("To reply, claim this conversation or take it over."),
        "reply_busy": _("{name} answers here. You can still add a note."),
        "reply_resolved": _("This conversation is resolved. You can still add a note."),
        "note_label": _("Internal note, which the visitor never sees"),
        "send_reply": _("Send"),
        "send_note": _("Add the note"),
        "sending": _("Sending…"),
        "waits_for_connection": _("Will be sent when the connection is back."),
        "characters_left": _("{count} characters left"),
        "too_long": _("{count} characters too many"),
    }


def _timeline() -> dict[str, str]:
    return {
        "author_bot": _("Bot"),
        "author_model": _("Large model"),
        "author_repeated": _("Large model, an earlier answer"),
        "author_you": _("{name} (you)"),
        "rated": _("The visitor rates: {score} of 5"),
        "prechat": _("Before the chat: {given}"),
        "email_left": _("The visitor wants answers by e-mail too: {email}"),
        "mail_sent": _("Sent by e-mail to {email}: {what}"),
        "mail_failed": _("Could not be sent by e-mail to {email}: {what}"),
        "mail_reply": _("a reply"),
        "mail_transcript": _("the conversation"),
        "mail_confirm": _("a link to confirm the address"),
        "identified": _("The site says who the visitor is."),
        "open_file": _("Open the file"),
        "progress": _("Progress"),
        "remove_file": _("Remove the file"),
        "file_failed": _("The file could not be sent. Please try again."),
        "note_by": _("Note by {name}, for members only"),
        "owner_queue": _("Passed to the agents: {reason}"),
        "owner_member": _("{name} has the conversation now"),
        "offer_made": _("Offered to {name}"),
        "offer_passed": _("{name} did not get it: {reason}"),
        "queue_moved": _("{name} put it into the queue {queue}"),
        "sla_warned": _("Soon due: {clock}"),
        "sla_breached": _("Late: {clock}"),
        "clock_first_reply": _("First reply"),
        "clock_next_reply": _("Next reply"),
        "clock_resolution": _("Resolution"),
        "clock_left": _("{clock} in {time}"),
        "clock_late": _("{clock} {time} late"),
        "priority_high": _("high"),
        "priority_urgent": _("urgent"),
        "offered_to_you": _("Offered to you"),
        "offered_to": _("Offered to {name}"),
        "agent_choice": _("{name} ({state}, {load} of {capacity})"),
        "agent_state_available": _("available"),
        "agent_state_away": _("away"),
        "agent_state_offline": _("offline"),
        "owner_bot": _("Back with the bot: {reason}"),
        "status_resolved": _("Resolved: {reason}"),
        "status_open": _("Open again: {reason}"),
        "status_snoozed": _("Put off: {reason}"),
        "escalation_started": _("The bot asks the large model."),
        "route_model": _("Weighed, and asked the large model: {reason}"),
        "route_people": _("Weighed, and passed to people: {reason}"),
        "feedback_helped": _("The visitor says that the answer helped."),
        "feedback_wrong": _("The visitor says that the answer was wrong."),
        "visitor_read": _("The visitor read:"),
        "sources": _("Sources"),
        "options": _("The visitor could choose:"),
        "chosen": _("(chosen)"),
        "chosen_from_options": _("Chosen from the bot's options"),
    }


def _receipt() -> dict[str, str]:
    return {
        "why": _("Why this answer"),
        "why_not": _("Why the bot did not answer"),
        "decision": _("Decision"),
        "decision_answer": _("Answer"),
        "decision_clarify": _("Ask back"),
        "decision_decline": _("Say that it is out of scope"),
        "decision_escalate": _("Ask the large model or a person"),
        "decision_smalltalk": _("Small talk"),
        "decision_handoff": _("Pass to a person"),
        "reason": _("Reason"),
        "confidence": _("Confidence"),
        "threshold": _("Threshold"),
        "threshold_own": _("set by your own checked answers"),
        "threshold_shipped": _("as shipped"),
        "threshold_for_risk": _("{threshold} (at most {risk} wrong answers)"),
        "no_threshold": _("none: the bot may not answer at this risk"),
        "tier": _("Tier"),
        "tier_0": _("0: recognised, not searched"),
        "tier_1": _("1: compact model on this server"),
        "tier_2": _("2: large model"),
        "cost": _("Cost"),
        "time": _("Time"),
        "milliseconds": _("{ms} ms"),
        "stage_cache": _("look for an earlier answer"),
        "stage_embed": _("embed"),
        "stage_understand": _("understand"),
        "stage_retrieve": _("retrieve"),
        "stage_read": _("read"),
        "stage_decide": _("decide"),
        "stage_queue": _("queue"),
        "stage_model": _("large model"),
        "evidence": _("Evidence"),
        "no_evidence": _("No passage was found."),
        "relevance": _("Relevance {value}"),
        "not_read": _("found, not read"),
        "opens_in_a_new_tab": _("opens in a new tab"),
    }


def _notices() -> dict[str, str]:
    return {
        "faster": _("{name} was faster and has this conversation now."),
        "changed_meanwhile": _("Not possible any more: the conversation has changed meanwhile."),
        "resolved_meanwhile": _("This conversation was resolved meanwhile."),
        "gone": _("This conversation does not exist."),
        "empty_text": _("Write something first."),
        "text_too_long": _("This text is too long."),
        "frame_too_large": _("This text is too long."),
        "not_allowed": _("Your role does not permit this."),
        "trouble": _("Something went wrong on our side. Please try again."),
        "lost": _("The connection broke. Look whether it worked, else try again."),
        "new_waiting": _("A visitor is waiting."),
        "dismiss": _("Dismiss"),
    }


def reason_texts() -> dict[str, str]:
    """Why something was decided or moved, by the reasons of events and receipts."""
    return _decided() | _asked_or_spared() | _moved()


def _decided() -> dict[str, str]:
    """By the bot."""
    return {
        "asked_for_person": _("the visitor asked for a person"),
        "low_confidence": _("the bot was not sure enough"),
        "cached_answer": _("an earlier answer of the large model, checked again"),
        "unsupported": _("the evidence does not support the answer"),
        "two_readings": _("two passages answer different readings of the question"),
        "no_words": _("no passage holds the answer"),
        "no_evidence": _("no passage was found"),
        "revision_gone": _("the article has changed meanwhile"),
        "model_unavailable": _("the compact model is not there"),
        "complaint": _("the visitor complains"),
        "out_of_scope": _("outside of what the bot helps with"),
        "being_checked": _("answered at once, to be checked by the large model"),
        "greeting": _("a greeting"),
        "thanks": _("a thank-you"),
        "goodbye": _("a goodbye"),
        "unsafe_topic": _("a topic for people alone"),
        "repeated_failure": _("the answers did not help"),
        "timeout": _("it took too long"),
        "worker_failed": _("a worker failed"),
    }


def _asked_or_spared() -> dict[str, str]:
    """What the large model was asked for and said, or why it was not asked."""
    return {
        "no_provider": _("no large model is set up"),
        "not_allowed": _("the large model is not allowed here"),
        "compact_off": _("the compact model is switched off"),
        "no_consent": _("the visitor did not agree that a large model is asked"),
        "budget": _("the budget for large models is spent"),
        "agent_free": _("the budget is scarce and an agent is free"),
        "short_wait": _("the budget is scarce and agents answer soon"),
        "outside_hours": _("the budget is scarce, but nobody is there now"),
        "nobody_free": _("the budget is scarce, but no agent is free"),
        "long_line": _("the budget is scarce, but the line is long"),
        "no_people": _("the budget is scarce, but people are switched off"),
        "check_supported": _("the large model says the same"),
        "check_contradicted": _("the large model says something else"),
        "check_unclear": _("the large model's words are too different to tell"),
    }


def _moved() -> dict[str, str]:
    """Who has the conversation, and its end."""
    return {
        "claim": _("claimed"),
        "take_over": _("taken over"),
        "colleague_silent": _("the colleague who was asked did not answer in time"),
        "give_back": _("given back by the agent"),
        "release": _("released by the agent"),
        "transfer_to_member": _("given to a colleague"),
        "agent_silent": _("the agent was silent"),
        "agent_away": _("the agent is away"),
        "agent_offline": _("the agent has lost the connection"),
        "not_taken_up": _("not taken up in time"),
        "transfer_to_queue": _("given to another queue"),
        "visitor_gone": _("the visitor is gone"),
        "visitor_left": _("the visitor left while waiting"),
        "visitor_cancelled": _("the visitor stopped waiting"),
        "nobody_there": _("no agent was there"),
        "resolved_by_agent": _("by the agent"),
        "resolved_by_visitor": _("by the visitor"),
        "resolved_by_silence": _("nobody wrote for long"),
        "visitor_wrote": _("the visitor wrote again"),
        "agent_replied": _("the agent replied"),
        "snoozed_by_agent": _("by the agent"),
        "woken_by_agent": _("taken up by the agent"),
        "time_came": _("its time has come"),
        "merge": _("joined with a newer conversation of this visitor"),
        "unmerge": _("separated again"),
    }
