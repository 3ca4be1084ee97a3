"""OutboxError
├── LeaseLost    another worker holds the job now; whatever was computed must not be written
└── UnknownKind  program error: no handler is registered for a job's kind
"""


class OutboxError(Exception):
    """Base of this package's errors."""


class LeaseLost(OutboxError):
    """The job is no longer ours."""


class UnknownKind(OutboxError):
    """No handler is registered."""
