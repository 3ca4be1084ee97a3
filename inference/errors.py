"""What can go wrong with a model.

InferenceError
├── ModelUnavailable   a file is missing, altered, of an unknown format, or gives other numbers
├── InputTooLong       more texts, passages or tokens than one call may hold
└── GenerationFailed   the generator's runtime gave up in the middle of an answer
"""


class InferenceError(Exception):
    """Base of this package's errors."""


class ModelUnavailable(InferenceError):
    """The model cannot be used; the message says which file and why."""


class InputTooLong(InferenceError):
    """The call exceeds the stated bound."""


class GenerationFailed(InferenceError):
    """No more of this answer will come; the message names the kind of error, never a text."""
