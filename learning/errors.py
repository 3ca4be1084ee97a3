"""What can go wrong while learning.

LearningError
├── AlreadyJudged    somebody else was first
└── RolloutChanged   somebody else has changed which models answer
"""


class LearningError(Exception):
    pass


class AlreadyJudged(LearningError):
    pass


class RolloutChanged(LearningError):
    pass
