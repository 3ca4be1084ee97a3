"""Which questions the shipped models can read: those in Latin letters.

They were trained and calibrated on English. A text in another script is a few unknown signs for
them, and yet gets a confidence: 52% of our Russian questions passed the shipped threshold of 15%
risk, 4% of these with the right article, and their order of the passages was worse than that by
words alone (docs/which-languages-are-supported.md). Spanish or French are read in part, and cannot
be told from English by their letters.
"""


def readable(text: str) -> bool:
    """Whether at least half of the letters are Latin; a text without letters is."""
    letters = [one for one in text if one.isalpha()]
    return 2 * sum(map(_is_latin, letters)) >= len(letters)


def _is_latin(letter: str) -> bool:
    return letter < "\u0250" or "\u1e00" <= letter <= "\u1eff"
