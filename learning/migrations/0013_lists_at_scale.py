"""The newest verdicts, answers to confirm and training rows are found without reading the others."""

from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [("learning", "0012_replays_and_confirmed")]

    operations: ClassVar[list[Operation]] = [
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(
                fields=["workspace", "verdict", "-verdict_at", "-id"], name="audit_by_verdict"
            ),
        ),
        migrations.AddIndex(
            model_name="gapquestion",
            index=models.Index(
                condition=models.Q(
                    ("answer_by__in", ["model", "member"]),
                    ("needs_help", True),
                    models.Q(("answer", ""), _negated=True),
                ),
                fields=["workspace", "-asked_at", "-id"],
                name="question_to_confirm",
            ),
        ),
        migrations.AddIndex(
            model_name="trainingrow",
            index=models.Index(fields=["workspace", "version", "source_kind"], name="row_by_kind"),
        ),
        migrations.RemoveIndex(model_name="trainingrow", name="row_of_version"),
    ]
