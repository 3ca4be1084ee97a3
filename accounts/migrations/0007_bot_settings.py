from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.migrations.operations.base import Operation


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0006_review_required"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField(
            model_name="workspacesettings",
            name="compact_model_allowed",
            field=models.BooleanField(default=True, help_text="Tier 1 may answer"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="consent_required",
            field=models.BooleanField(default=False, help_text="Asked before tier 2 is"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="default_language",
            field=models.CharField(default="en", max_length=12),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="holidays",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="hours",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="people_allowed",
            field=models.BooleanField(default=True, help_text="Tier 3 is there"),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="retention_days",
            field=models.PositiveIntegerField(help_text="null = keep", null=True),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="time_zone",
            field=models.CharField(default="UTC", max_length=64),
        ),
        migrations.AddField(
            model_name="workspacesettings",
            name="tone",
            field=models.CharField(
                choices=[("friendly", "Friendly"), ("formal", "Formal")],
                default="friendly",
                max_length=10,
            ),
        ),
    ]
