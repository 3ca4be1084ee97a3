"""Users, workspaces, members, keys, settings and the audit log, and what the app role may do."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import OWN_USER, append_only, enable_rls, grant_app_role
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    initial = True

    replaces: ClassVar = [
        ("accounts", "0001_initial"),
        ("accounts", "0002_row_level_security"),
        ("accounts", "0003_audit_share"),
        ("accounts", "0004_clarify"),
        ("accounts", "0005_decline"),
        ("accounts", "0006_review_required"),
        ("accounts", "0007_bot_settings"),
        ("accounts", "0008_knowledge_guards"),
        ("accounts", "0009_widget_services"),
        ("accounts", "0010_budgets"),
        ("accounts", "0011_browser_suggestions"),
    ]
    dependencies: ClassVar = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Workspace",
                fields=[
                    ("id", key()),
                    ("slug", models.SlugField(max_length=60, unique=True)),
                    ("name", models.CharField(max_length=120)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
            ),
            migrations.CreateModel(
                name="User",
                fields=[
                    ("password", models.CharField(max_length=128, verbose_name="password")),
                    (
                        "last_login",
                        models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                    ),
                    (
                        "is_superuser",
                        models.BooleanField(
                            default=False,
                            help_text="Designates that this user has all permissions without explicitly assigning them.",
                            verbose_name="superuser status",
                        ),
                    ),
                    ("id", key()),
                    ("email", models.EmailField(max_length=254, unique=True)),
                    ("name", models.CharField(blank=True, max_length=120)),
                    ("is_active", models.BooleanField(default=True)),
                    ("date_joined", models.DateTimeField(auto_now_add=True)),
                    (
                        "groups",
                        models.ManyToManyField(
                            blank=True,
                            help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.group",
                            verbose_name="groups",
                        ),
                    ),
                    (
                        "user_permissions",
                        models.ManyToManyField(
                            blank=True,
                            help_text="Specific permissions for this user.",
                            related_name="user_set",
                            related_query_name="user",
                            to="auth.permission",
                            verbose_name="user permissions",
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="WidgetKey",
                fields=[
                    ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                    (
                        "workspace",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.workspace",
                        ),
                    ),
                ],
            ),
            migrations.CreateModel(
                name="ApiKey",
                fields=[
                    ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                    (
                        "workspace",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.workspace",
                        ),
                    ),
                    ("name", models.CharField(max_length=80)),
                    ("prefix", models.CharField(max_length=12)),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("admin", "Admin"),
                                ("editor", "Editor"),
                                ("agent", "Agent"),
                                ("analyst", "Analyst"),
                            ],
                            default="admin",
                            max_length=10,
                        ),
                    ),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                    ("revoked_at", models.DateTimeField(null=True)),
                ],
            ),
            migrations.CreateModel(
                name="Member",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "user",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to=settings.AUTH_USER_MODEL,
                        ),
                    ),
                    (
                        "role",
                        models.CharField(
                            choices=[
                                ("owner", "Owner"),
                                ("admin", "Admin"),
                                ("editor", "Editor"),
                                ("agent", "Agent"),
                                ("analyst", "Analyst"),
                            ],
                            max_length=10,
                        ),
                    ),
                    ("display_name", models.CharField(max_length=80)),
                    ("is_active", models.BooleanField(default=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "user"), name="member_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="AuditEntry",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("actor_kind", models.CharField(max_length=10)),
                    ("actor_id", models.CharField(blank=True, max_length=64)),
                    ("action", models.CharField(max_length=60)),
                    ("target_kind", models.CharField(max_length=40)),
                    ("target_id", models.CharField(blank=True, max_length=64)),
                    ("detail", models.JSONField(default=dict)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="audit_recent")
                    ],
                },
            ),
            migrations.CreateModel(
                name="WorkspaceSettings",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "risk",
                        models.FloatField(
                            help_text="Share of wrong answers allowed; null = default", null=True
                        ),
                    ),
                    ("large_model_allowed", models.BooleanField(default=True)),
                    ("budget_usd_per_day", models.FloatField(null=True)),
                    ("budget_usd_per_month", models.FloatField(null=True)),
                    ("budget_usd_per_visitor", models.FloatField(null=True)),
                    ("budget_usd_per_conversation", models.FloatField(null=True)),
                    (
                        "budget_warning_share",
                        models.FloatField(
                            default=0.8,
                            help_text="Share of a budget at which administrators are warned",
                        ),
                    ),
                    (
                        "weigh_people",
                        models.BooleanField(
                            default=False,
                            help_text="A budget that runs out goes to questions that nobody is free for",
                        ),
                    ),
                    ("agent_usd_per_hour", models.FloatField(null=True)),
                    (
                        "audit_share",
                        models.FloatField(
                            help_text="Share of turns audited; null = default", null=True
                        ),
                    ),
                    (
                        "clarify",
                        models.BooleanField(
                            default=True, help_text="The bot may ask which one is meant"
                        ),
                    ),
                    (
                        "decline",
                        models.BooleanField(
                            default=True, help_text="The bot may call it out of scope"
                        ),
                    ),
                    (
                        "review_required",
                        models.BooleanField(
                            default=False,
                            help_text="An editor's text is published by somebody else",
                        ),
                    ),
                    (
                        "check_required",
                        models.BooleanField(
                            default=True,
                            help_text="Golden questions are asked before a person's edit goes live",
                        ),
                    ),
                    (
                        "schedule_waits",
                        models.BooleanField(
                            default=True,
                            help_text="A schedule that loses golden answers waits for a person",
                        ),
                    ),
                    (
                        "imports_reviewed",
                        models.BooleanField(
                            default=False, help_text="What is imported waits as a draft"
                        ),
                    ),
                    (
                        "compact_model_allowed",
                        models.BooleanField(default=True, help_text="Tier 1 may answer"),
                    ),
                    (
                        "people_allowed",
                        models.BooleanField(default=True, help_text="Tier 3 is there"),
                    ),
                    (
                        "consent_required",
                        models.BooleanField(default=False, help_text="Asked before tier 2 is"),
                    ),
                    (
                        "tone",
                        models.CharField(
                            choices=[("friendly", "Friendly"), ("formal", "Formal")],
                            default="friendly",
                            max_length=10,
                        ),
                    ),
                    (
                        "languages",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.CharField(max_length=12), default=list, size=None
                        ),
                    ),
                    ("default_language", models.CharField(default="en", max_length=12)),
                    ("time_zone", models.CharField(default="UTC", max_length=64)),
                    ("hours", models.JSONField(default=list)),
                    (
                        "holidays",
                        django.contrib.postgres.fields.ArrayField(
                            base_field=models.DateField(), default=list, size=None
                        ),
                    ),
                    (
                        "retention_days",
                        models.PositiveIntegerField(help_text="null = keep", null=True),
                    ),
                    (
                        "ratings_asked",
                        models.BooleanField(
                            default=True, help_text="After a conversation is closed"
                        ),
                    ),
                    (
                        "attachments_allowed",
                        models.BooleanField(default=True, help_text="Pictures and PDFs"),
                    ),
                    (
                        "transcripts_allowed",
                        models.BooleanField(default=True, help_text="By mail, on request"),
                    ),
                    (
                        "replies_by_mail",
                        models.BooleanField(default=True, help_text="Where nobody is there"),
                    ),
                    (
                        "close_after_hours",
                        models.PositiveIntegerField(help_text="null = never by silence", null=True),
                    ),
                    (
                        "prechat",
                        models.JSONField(
                            default=dict, help_text="As chatbot.prechat reads it; {} = none"
                        ),
                    ),
                    (
                        "browser_suggestions",
                        models.BooleanField(
                            default=False,
                            help_text="Help pages while a visitor types, by a model in their browser",
                        ),
                    ),
                    (
                        "browser_snapshot",
                        models.CharField(
                            blank=True,
                            default="",
                            help_text="As knowledge.snapshots built it last",
                            max_length=64,
                        ),
                    ),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="one_settings_row"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("risk__isnull", True),
                                models.Q(("risk__gt", 0), ("risk__lt", 1)),
                                _connector="OR",
                            ),
                            name="risk_is_a_share",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("audit_share__isnull", True),
                                models.Q(("audit_share__gte", 0), ("audit_share__lte", 1)),
                                _connector="OR",
                            ),
                            name="audit_share_is_a_share",
                        ),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("budget_warning_share__gt", 0), ("budget_warning_share__lte", 1)
                            ),
                            name="budget_warning_is_a_share",
                        ),
                    ],
                },
            ),
        ),
        *grant_app_role(),
        *enable_rls("accounts_auditentry", "accounts_workspacesettings"),
        *enable_rls("accounts_member", readable=OWN_USER),
        *append_only("accounts_auditentry"),
    ]
