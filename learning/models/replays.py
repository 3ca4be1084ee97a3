"""What would have happened: replays of real questions, and the turns whose outcome would differ."""

from django.db import models
from django.db.models import Q

from accounts.models import Member, WorkspaceModel
from chatbot.models import Conversation, Turn


class ReplayRun(WorkspaceModel):
    """One replay, in steps; one at a time in a workspace.

    `wanted` is a learning.replay.Wanted as JSON, `until` the moment up to which questions count.
    `tally` is a learning.replay_figures.Tally: `done` questions are in it, the last of them at
    `after` in the order of the sample. `report`: what is shown, written at the end.
    """

    wanted = models.JSONField(default=dict)
    until = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    after = models.CharField(max_length=32, blank=True)
    tally = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)
    started_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(ended_at=None), name="one_replay_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-created_at"], name="replay_by_time")]


class ReplayChange(WorkspaceModel):
    """A turn whose outcome would differ: learning.replay.Side before and after. Goes with it."""

    run = models.ForeignKey(
        ReplayRun, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10)  # learning.replay: gained, lost, reworded, rerouted
    was = models.JSONField(default=dict)
    now = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "turn"], name="replay_change_once"),
        ]
        indexes = [models.Index(fields=["workspace", "run", "kind"], name="replay_change_kind")]
