"""The words of the inbox: its views, and what its scripts show."""

from django.utils.translation import gettext as _

from chatbot.inbox.listing import views


def view_titles() -> list[tuple[str, str]]:
    titles = {
        "waiting": _("Waiting"),
        "mine": _("Mine"),
        "mentions": _("Mentions"),
        "open": _("All open"),
        "snoozed": _("Put off"),
        "resolved": _("Resolved"),
    }
    return [(name, title) for name, title in titles.items() if name in views()]


def channel_titles() -> list[tuple[str, str]]:
    return [("widget", _("Widget")), ("api", "API"), ("email", _("E-mail"))]


def inbox_texts() -> dict[str, str]:
    return {
        "unread": _("(not read)"),
        "tick": _("Choose {name}"),
        "ticked": _("{count} chosen"),
        "too_many": _("At most 100 at once."),
        "bulk_done": _("Done for {count} of {all}."),
        "found": _("Found: {query}"),
        "said_visitor": _("Visitor"),
        "said_bot": _("Bot"),
        "said_model": _("Large model"),
        "said_member": _("Agent"),
        "said_note": _("Note"),
        "merged": _("Joined with another one"),
        "merged_done": _("Joined. The visitor goes on here."),
        "joined_here": _("Joined from {time}"),
        "joined_into": _("Goes on in the one of {time}"),
        "is_open": _("Open"),
        "undo": _("Undo"),
        "untag": _("Take off the tag {name}"),
        "snoozed_until": _("Put off until {time}"),
        "snooze_past": _("Choose a time ahead."),
        "filter_queue": _("Nobody yet"),
        "nothing_found": _("Nothing was found. All words must be in one message or note."),
        "nothing_fits": _("No conversation fits the filters."),
        "search_too_long": _("That is too much to look for at once."),
        "search_empty": _("Write a word to look for."),
        "none_waiting": _("Nobody is waiting."),
        "none_mine": _("You have no conversation."),
        "none_mentions": _("Nobody has mentioned you."),
        "none_open": _("No conversation is open."),
        "none_snoozed": _("Nothing is put off."),
        "none_resolved": _("Nothing is resolved yet."),
    }
