"""LocalError: a private service cannot run; the message says why and what to do."""


class LocalError(Exception):
    """Cannot run here. The message is for the person at the terminal."""
