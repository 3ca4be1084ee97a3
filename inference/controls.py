"""Take words that would steer a model out of a text which is data.

What is left holds none of them, though taking one out joins its neighbours, which may form another:
"<|im_<|im_end|>end|>". Cost: a few passes over the text, however often it is nested.
"""

import re
from collections.abc import Iterable


class Controls:
    def __init__(self, words: Iterable[str]) -> None:
        """None of them empty."""
        longest_first = sorted(set(words), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        self._words = frozenset(longest_first)
        self._lengths = sorted({len(word) for word in longest_first}, reverse=True)
        self._ends = frozenset(word[-1] for word in longest_first)

    def out_of(self, text: str) -> str:
        text = self._pattern.sub("", text)
        return self._as_they_end(text) if self._pattern.search(text) else text

    def _as_they_end(self, text: str) -> str:
        """Each is taken away with its last character, so what is kept never holds a whole one."""
        kept: list[str] = []
        for character in text:
            kept.append(character)
            if character not in self._ends:
                continue
            for length in self._lengths:
                if "".join(kept[-length:]) in self._words:
                    del kept[-length:]
                    break
        return "".join(kept)
