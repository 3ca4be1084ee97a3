"""What can go wrong with a model.

InferenceError
├── ModelUnavailable   a file is missing, altered, of an unknown format, or gives other numbers
└── InputTooLong       more texts or passages than one call may hold
"""


class InferenceError(Exception):
    """Base of this package's errors."""


class ModelUnavailable(InferenceError):
    """The model cannot be used; the message says which file and why."""


class InputTooLong(InferenceError):
    """The call exceeds the stated bound."""
