"""The words that the widget's scripts show, in the language that is active.

`{name}` and the like are filled in by the scripts.
"""

from django.utils.translation import gettext as _

from chatbot.filing.words import LARGEST


def frame_texts(bot_name: str, *, people: bool = True) -> dict[str, str]:
    """Without `people` nothing is said of a person who could help."""
    sorry = _("Thank you for telling us. A person can help you with this.")
    return {
        "bot": bot_name,
        "you": _("You"),
        "tag_bot": _("Automatic answer"),
        "tag_model": _("AI answer"),
        "tag_member": _("Our team"),
        "presence_bot": _("Automatic help"),
        "presence_queue": _("Waiting for a person"),
        "presence_member": _("You are talking to {name}"),
        "presence_resolved": _("Conversation closed"),
        "offline": _("No connection. Your messages will be sent when it is back."),
        "refused": _("This chat is not available here."),
        "thinking": _("Looking for an answer…"),
        "drafting": _("Writing an answer…"),
        "typing": _("{name} is typing…"),
        "sending": _("Sending…"),
        "waits": _("Waits for the connection"),
        "failed": _("Not sent."),
        "too_fast": _("You are writing very fast. Sending in a moment…"),
        "trouble": _("Something went wrong. Please try again."),
        "helped_thanks": _("Thank you!"),
        "wrong_sorry": sorry if people else _("Thank you for telling us."),
        "bad_email": _("This is no e-mail address."),
        "prechat_required": _("Please fill in the form first."),
        "file_large": _("The file is larger than %(most)s MB.") % {"most": LARGEST // 1_000_000},
        "rated": _("Thank you. Your rating: {score} of 5."),
        "transcript_sent": _("The conversation is on its way to {email}."),
        "transcript_confirm": _("Open the link that we have sent to {email}; then it comes."),
        "too_long": _("Characters too many: {count}"),
        "characters_left": _("Characters left: {count}"),
    }
