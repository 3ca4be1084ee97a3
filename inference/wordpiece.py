"""Token ids with code-point offsets, from any tokenizer.json."""

from pathlib import Path

from tokenizers import Encoding, Tokenizer

from inference.errors import ModelUnavailable

MAX_CHARACTERS = 20_000  # more than any model reads; keeps a hostile text cheap


class WordPiece:
    """Offsets that `encode` returns count Unicode code points of the text as given."""

    def __init__(self, path: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception:  # the package raises bare Exceptions
            raise ModelUnavailable(f"{path.name} is no tokenizer") from None
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.cls = self._id("[CLS]")
        self.sep = self._id("[SEP]")
        self.divider = self._id(":")

    def encode(self, text: str) -> Encoding:
        """Without special tokens."""
        return self._tokenizer.encode(text[:MAX_CHARACTERS], add_special_tokens=False)

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ModelUnavailable(f"the tokenizer has no {token}")
        return int(number)
