"""What can go wrong with who you are and what you may reach.

AccountsError
├── NotFound      no such object, or not yours: both look alike from outside
├── NotAllowed    you are known, but your role does not permit it
├── Invalid       the input is not acceptable; the message says how, for people
├── ScopeError    program error: two workspaces in one transaction, or none
└── RateLimited   too many requests; `retry_after_s` says when to come back
"""


class AccountsError(Exception):
    """Base of this package's errors."""


class NotFound(AccountsError):
    """The object does not exist, or belongs to somebody else."""


class NotAllowed(AccountsError):
    """The member's role does not permit the action."""


class Invalid(AccountsError):
    """What was given cannot be accepted; nothing was changed."""


class Conflict(AccountsError):
    """It was changed since its author looked."""


class ScopeError(AccountsError):
    """A second workspace inside the scope of a first one, or no scope at all."""


class RateLimited(AccountsError):
    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many requests; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s
