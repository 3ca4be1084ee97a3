"""What can go wrong in a conversation.

ChatError
├── Invalid      the input is not acceptable; `code` says how
├── Conflict     somebody else was faster; `message` says who or what
│   └── Unseen   the visitor was faster; `seq` is the number of the newest event
└── Superseded   a late result: the turn was extended, taken over or ended meanwhile
"""


class ChatError(Exception):
    """Base of this package's errors; `code` is an error code of the protocol."""

    code = "server_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class Invalid(ChatError):
    code = "bad_frame"


class Conflict(ChatError):
    code = "conflict"


class Unseen(Conflict):
    code = "unseen"

    def __init__(self, seq: int) -> None:
        super().__init__("Something new has come from the visitor")
        self.seq = seq


class Superseded(ChatError):
    code = "conflict"
