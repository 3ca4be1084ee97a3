"""What sets two questions apart, however near their vectors lie.

A change of a number, a code or a denial makes another question: "how do I cancel" and "how do I
not cancel" are neighbours.
"""

from chatbot.escalation import facts


def differ(cached: str, asked: str) -> bool:
    """Whether their numbers, codes or denials say that they are different questions."""
    return (
        facts.numbers(cached) != facts.numbers(asked)
        or facts.codes(cached) != facts.codes(asked)
        or facts.negates(cached) != facts.negates(asked)
    )
