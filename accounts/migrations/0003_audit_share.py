from typing import ClassVar

from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0002_row_level_security"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="audit_share",
            field=models.FloatField(help_text="Share of turns audited; null = default", null=True),
        ),
        migrations.AddConstraint(
            model_name="workspacesettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("audit_share__isnull", True),
                    models.Q(("audit_share__gte", 0), ("audit_share__lte", 1)),
                    _connector="OR",
                ),
                name="audit_share_is_a_share",
            ),
        ),
    ]
