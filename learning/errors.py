"""What can go wrong while learning.

LearningError
├── AlreadyJudged    somebody else was first
├── RolloutChanged   somebody else has changed which models answer
└── TooLittleData    a training has not enough to learn from
"""


class LearningError(Exception):
    pass


class AlreadyJudged(LearningError):
    pass


class RolloutChanged(LearningError):
    pass


class TooLittleData(LearningError):
    """The message is for people."""
