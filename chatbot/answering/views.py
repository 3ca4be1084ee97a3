"""A question in its dialogue as the texts that are searched for."""

from collections.abc import Sequence

MOST_MESSAGES = 8
MOST_CHARACTERS = 600  # of one message


def view_texts(question: str, history: Sequence[tuple[str, str]]) -> list[str]:
    """One to three texts: the last turn, the visitor's last two, the whole dialogue.

    Newest first, since a model cuts what is too long at its end.
    """
    question = question.strip()
    earlier = [(role, text[:MOST_CHARACTERS].strip()) for role, text in history[::-1]]
    asked_before = [text for role, text in earlier if role == "visitor"][:1]
    whole = [text for _, text in earlier[:MOST_MESSAGES]]
    texts = ["\n".join([question, *more]) for more in ([], asked_before, whole)]
    return list(dict.fromkeys(texts))
