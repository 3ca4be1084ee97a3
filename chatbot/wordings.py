"""The words of the fixed phrases, in two tones. Each tone has every key of the other one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop


@dataclass(frozen=True)
class Wording:
    """handoff: a person will take over. lead: why there is no answer, before what follows from
    it. owner, status: who has the conversation now. fixed: everything else. A key that ends in
    _alone is for workspaces without people."""

    handoff: Mapping[str, str]
    lead: Mapping[str, str]
    owner: Mapping[str, str]
    status: Mapping[str, str]
    fixed: Mapping[str, str]


_FRIENDLY = Wording(
    handoff={
        "asked_for_person": gettext_noop("I am passing you to a person. Please wait a moment."),
        "complaint": gettext_noop(
            "I am sorry to hear that. I am passing you to a person. Please wait a moment."
        ),
        "not_sure": gettext_noop(
            "I am not sure about this one, so I am passing you to a person. Please wait a moment."
        ),
        "no_provider": gettext_noop(
            "I did not find a safe answer, so I am passing you to a person. Please wait a moment."
        ),
        "compact_off": gettext_noop(
            "People answer questions here, so I am passing you to a person. Please wait a moment."
        ),
        "no_consent": gettext_noop(
            "Nothing was sent. I am passing you to a person. Please wait a moment."
        ),
        "unsafe_topic": gettext_noop(
            "This is for a person to answer. I am passing you to one. Please wait a moment."
        ),
        "repeated_failure": gettext_noop(
            "My answers did not help, so I am passing you to a person. Please wait a moment."
        ),
        "trouble": gettext_noop(
            "Something did not work on our side, so I am passing you to a person."
        ),
    },
    lead={
        "asked_for_person": "",
        "complaint": gettext_noop("I am sorry to hear that."),
        "not_sure": gettext_noop("I am not sure about this one."),
        "no_provider": gettext_noop("I did not find a safe answer."),
        "compact_off": gettext_noop("I do not answer questions by myself at the moment."),
        "no_consent": gettext_noop("Nothing was sent."),
        "unsafe_topic": gettext_noop("This is for a person to answer."),
        "repeated_failure": gettext_noop("My answers did not help."),
        "trouble": gettext_noop("Something did not work on our side."),
    },
    owner={
        "claim": gettext_noop("%(name)s has joined and will answer you."),
        "take_over": gettext_noop("%(name)s has joined and will answer you."),
        "transfer_to_member": gettext_noop("%(name)s will answer you now."),
        "give_back": gettext_noop("Automatic answers are back. Ask for a person at any time."),
        "give_back_alone": gettext_noop("Automatic answers are back."),
        "release": gettext_noop("Your question is with our team again. Please wait a moment."),
        "transfer_to_queue": gettext_noop(
            "I am passing you to the colleagues who know this best. Please wait a moment."
        ),
        "agent_silent": gettext_noop("We are looking for another colleague. Please wait a moment."),
        "agent_gone": gettext_noop(
            "Your agent had to leave. We are looking for another colleague. Please wait a moment."
        ),
        "cancel_wait": gettext_noop("You are no longer waiting. How else can I help?"),
        "nobody_there": gettext_noop("Nobody can answer right now. Please leave your message."),
    },
    status={
        "resolved": gettext_noop("This conversation is closed. Write again at any time."),
    },
    fixed={
        "escalation": gettext_noop("I am looking into this further…"),
        "greeting": gettext_noop("Hello! What would you like to know?"),
        "thanks": gettext_noop("You are welcome! Is there anything else?"),
        "goodbye": gettext_noop("Goodbye! Write again at any time."),
        "smalltalk": gettext_noop(
            "I am the automatic help of this site. Ask me a question about it."
        ),
        "disclosure": gettext_noop(
            "You are talking to a machine. It answers from our help pages, and a person can take "
            "over."
        ),
        "disclosure_alone": gettext_noop(
            "You are talking to a machine. It answers from our help pages."
        ),
        "colleague_asked": gettext_noop(
            "I am asking a colleague. Please stay here; I will tell you what they say."
        ),
        "colleague_answer": gettext_noop("I asked a colleague, who says:"),
        "out_of_scope": gettext_noop(
            "That is outside of what I can help with here. If I misunderstood you, ask in other "
            "words, or ask for a person."
        ),
        "out_of_scope_alone": gettext_noop(
            "That is outside of what I can help with here. If I misunderstood you, ask in other "
            "words."
        ),
        "clarify": gettext_noop("I found more than one possible answer. Which one do you mean?"),
        "consent": gettext_noop(
            "I did not find a safe answer in our help pages. May I ask an outside AI service? It "
            "would get your question, the last messages of this chat and our help pages, without "
            "e-mail addresses, phone and card numbers."
        ),
        "consent_yes": gettext_noop("Yes, ask it"),
        "consent_no": gettext_noop("No, pass me to a person"),
        "consent_no_alone": gettext_noop("No, send nothing"),
        "check_pending": gettext_noop("being checked"),
        "check_checked": gettext_noop("checked"),
        "check_amended": gettext_noop("changed after a check"),
        "check_withdrawn": gettext_noop("taken back after a check"),
        "check_unchecked": gettext_noop("could not be checked"),
        "line_amended": gettext_noop("I have checked my answer above and changed it."),
        "line_withdrawn": gettext_noop("I have checked my answer above and taken it back."),
        "withdrawn": gettext_noop("My answer did not hold when I checked it. Please disregard it."),
        "consent_withdrawn": gettext_noop(
            "Noted: nothing of yours is sent to an outside AI service any more."
        ),
        "away": gettext_noop("Nobody of our team is here right now. Please leave your message."),
        "back": gettext_noop(
            "Nobody of our team is here right now. Please leave your message; we are back on "
            "%(when)s."
        ),
        "still_waiting": gettext_noop(
            "Thank you for waiting. You are still in line, and somebody will answer. You need not "
            "stay: leave your message here, and you will find the answer here."
        ),
        "by_mail": gettext_noop("Thank you. We will answer you here and at %(email)s."),
        "files_alone": gettext_noop(
            "I cannot read files. Tell me in words what it is about, or ask for a person, who "
            "will see them."
        ),
        "files_alone_alone": gettext_noop(
            "I cannot read files. Tell me in words what it is about."
        ),
        "no_people": gettext_noop(
            "This chat has automatic answers only, and nobody of our team reads it. You can ask "
            "in other words."
        ),
    },
)
_FORMAL = Wording(
    handoff={
        "asked_for_person": gettext_noop(
            "Your request is being passed to a member of our staff. Please be so kind as to wait."
        ),
        "complaint": gettext_noop(
            "We apologise for the inconvenience. Your request is being passed to a member of our "
            "staff. Please be so kind as to wait."
        ),
        "not_sure": gettext_noop(
            "This question cannot be answered automatically with certainty. It is being passed to "
            "a member of our staff. Please be so kind as to wait."
        ),
        "no_provider": gettext_noop(
            "No reliable answer was found. Your question is being passed to a member of our staff. "
            "Please be so kind as to wait."
        ),
        "compact_off": gettext_noop(
            "Questions are answered by our staff. Yours is being passed on. Please be so kind as "
            "to wait."
        ),
        "no_consent": gettext_noop(
            "No data has been sent. Your question is being passed to a member of our staff. Please "
            "be so kind as to wait."
        ),
        "unsafe_topic": gettext_noop(
            "This matter is answered by our staff. Your question is being passed on. Please be so "
            "kind as to wait."
        ),
        "repeated_failure": gettext_noop(
            "The automatic answers did not help. Your question is being passed to a member of our "
            "staff. Please be so kind as to wait."
        ),
        "trouble": gettext_noop(
            "A fault has occurred on our side. Your question is being passed to a member of our "
            "staff."
        ),
    },
    lead={
        "asked_for_person": "",
        "complaint": gettext_noop("We apologise for the inconvenience."),
        "not_sure": gettext_noop("This question cannot be answered automatically with certainty."),
        "no_provider": gettext_noop("No reliable answer was found."),
        "compact_off": gettext_noop("Questions are not answered automatically at present."),
        "no_consent": gettext_noop("No data has been sent."),
        "unsafe_topic": gettext_noop("This matter is answered by our staff."),
        "repeated_failure": gettext_noop("The automatic answers did not help."),
        "trouble": gettext_noop("A fault has occurred on our side."),
    },
    owner={
        "claim": gettext_noop("%(name)s has joined the conversation and will assist you."),
        "take_over": gettext_noop("%(name)s has joined the conversation and will assist you."),
        "transfer_to_member": gettext_noop("%(name)s will assist you from now on."),
        "give_back": gettext_noop(
            "Automatic answers have been resumed. You may ask for a member of our staff at any "
            "time."
        ),
        "give_back_alone": gettext_noop("Automatic answers have been resumed."),
        "release": gettext_noop(
            "Your question has been returned to our staff. Please be so kind as to wait."
        ),
        "transfer_to_queue": gettext_noop(
            "Your request is being passed to the responsible members of our staff. Please be so "
            "kind as to wait."
        ),
        "agent_gone": gettext_noop(
            "The member of our staff had to leave. Another one is being sought. Please be so kind "
            "as to wait."
        ),
        "agent_silent": gettext_noop(
            "Another member of our staff is being sought. Please be so kind as to wait."
        ),
        "cancel_wait": gettext_noop("Your request has been withdrawn. How may we help you?"),
        "nobody_there": gettext_noop(
            "No member of our staff is available at present. Please leave your message."
        ),
    },
    status={
        "resolved": gettext_noop(
            "This conversation has been closed. You are welcome to write again at any time."
        ),
    },
    fixed={
        "escalation": gettext_noop("Your question is being looked into further…"),
        "greeting": gettext_noop("Good day. How may we help you?"),
        "thanks": gettext_noop("You are most welcome. May we help you with anything else?"),
        "goodbye": gettext_noop("Goodbye. You are welcome to write again at any time."),
        "smalltalk": gettext_noop(
            "This is the automatic assistant of this site. Please ask a question about it."
        ),
        "disclosure": gettext_noop(
            "This is an automatic assistant. It answers from our help pages, and a member of our "
            "staff can take over."
        ),
        "disclosure_alone": gettext_noop(
            "This is an automatic assistant. It answers from our help pages."
        ),
        "colleague_asked": gettext_noop(
            "A member of our staff is being asked. The answer will appear here; please be so kind "
            "as to wait."
        ),
        "colleague_answer": gettext_noop("A member of our staff has answered as follows:"),
        "out_of_scope": gettext_noop(
            "This question lies outside of what we can help with here. If it was misunderstood, "
            "please put it in other words, or ask for a member of our staff."
        ),
        "out_of_scope_alone": gettext_noop(
            "This question lies outside of what we can help with here. If it was misunderstood, "
            "please put it in other words."
        ),
        "clarify": gettext_noop(
            "There is more than one possible answer. Please choose what you have in mind."
        ),
        "consent": gettext_noop(
            "No reliable answer was found in our help pages. Do you agree that an outside AI "
            "service is asked? It would receive your question, the last messages of this chat and "
            "our help pages, without e-mail addresses, phone and card numbers."
        ),
        "consent_yes": gettext_noop("Yes, I agree"),
        "consent_no": gettext_noop("No, I prefer a member of staff"),
        "consent_no_alone": gettext_noop("No, I do not agree"),
        "check_pending": gettext_noop("being checked"),
        "check_checked": gettext_noop("checked"),
        "check_amended": gettext_noop("changed after a check"),
        "check_withdrawn": gettext_noop("taken back after a check"),
        "check_unchecked": gettext_noop("could not be checked"),
        "line_amended": gettext_noop("The answer above has been checked and changed."),
        "line_withdrawn": gettext_noop("The answer above has been checked and taken back."),
        "withdrawn": gettext_noop("This answer was not confirmed. Please disregard it."),
        "consent_withdrawn": gettext_noop(
            "Your consent is withdrawn. No further data is sent to an outside AI service."
        ),
        "away": gettext_noop(
            "No member of our staff is present at this time. Please leave your message."
        ),
        "back": gettext_noop(
            "No member of our staff is present at this time. Please leave your message; it will be "
            "read from %(when)s."
        ),
        "still_waiting": gettext_noop(
            "Thank you for your patience. Your request is still in line and will be answered. You "
            "need not stay: please leave your message here, where you will find the answer."
        ),
        "by_mail": gettext_noop("Thank you. You will be answered here and at %(email)s."),
        "files_alone": gettext_noop(
            "Files cannot be read automatically. Please describe your concern in words, or ask "
            "for a member of our staff, who will see them."
        ),
        "files_alone_alone": gettext_noop(
            "Files cannot be read automatically. Please describe your concern in words."
        ),
        "no_people": gettext_noop(
            "This chat gives automatic answers only and is not read by our staff. You may put your "
            "question in other words."
        ),
    },
)
WORDINGS: Mapping[str, Wording] = {"friendly": _FRIENDLY, "formal": _FORMAL}
