"""What can go wrong while learning.

LearningError
├── AlreadyJudged      somebody else was first
├── AlreadyRunning     golden questions are asked once at a time
├── AlreadyTraining    one at a time
├── RolloutChanged     somebody else has changed which models answer
├── TooLittleData      a training has not enough to learn from
└── TrainingCancelled  somebody wants it to stop
"""


class LearningError(Exception):
    pass


class AlreadyJudged(LearningError):
    pass


class AlreadyRunning(LearningError):
    pass


class AlreadyTraining(LearningError):
    pass


class RolloutChanged(LearningError):
    pass


class TooLittleData(LearningError):
    """The message is for people."""


class TrainingCancelled(LearningError):
    pass
