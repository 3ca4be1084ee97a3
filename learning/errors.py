"""What can go wrong while learning.

LearningError
└── AlreadyJudged    somebody else was first
"""


class LearningError(Exception):
    pass


class AlreadyJudged(LearningError):
    pass
