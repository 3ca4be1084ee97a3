"""How a turn was answered, by which models and thresholds, and what it cost."""

from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
import pgvector.django.vector
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from accounts.rls import append_only, enable_rls
from accounts.tables import CreateModels, key, workspace


class Migration(migrations.Migration):
    replaces: ClassVar = [
        ("chatbot", "0005_served_models"),
    ]
    dependencies: ClassVar = [
        ("chatbot", "0023_versions_at_scale"),  # by its old name: decision 0044
    ]
    operations: ClassVar[list[Operation]] = [
        CreateModels(
            migrations.CreateModel(
                name="Receipt",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="receipts",
                            to="chatbot.turn",
                        ),
                    ),
                    ("turn_revision", models.PositiveSmallIntegerField()),
                    ("tier", models.PositiveSmallIntegerField()),
                    (
                        "message",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    ("decision", models.CharField(max_length=12)),
                    ("reason", models.CharField(blank=True, max_length=40)),
                    ("confidence", models.FloatField()),
                    ("threshold", models.FloatField(null=True)),
                    ("risk", models.FloatField(null=True)),
                    ("certified", models.BooleanField(default=False)),
                    ("text", models.TextField(blank=True)),
                    ("citations", models.JSONField(default=list)),
                    ("evidence", models.JSONField(default=list)),
                    ("features", models.JSONField(default=dict)),
                    ("models_version", models.CharField(blank=True, max_length=80)),
                    ("version_id", models.UUIDField(null=True)),
                    ("stages_ms", models.JSONField(default=dict)),
                    ("cost_usd", models.FloatField(default=0.0)),
                    ("route", models.JSONField(default=dict)),
                    ("cached_id", models.UUIDField(null=True)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            condition=models.Q(("cached_id__isnull", False)),
                            fields=["workspace", "created_at"],
                            name="receipt_from_cache",
                        ),
                        models.Index(
                            condition=models.Q(("version_id__isnull", False)),
                            fields=["workspace", "version_id"],
                            name="receipt_of_version",
                        ),
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("turn", "turn_revision", "tier"), name="receipt_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="Escalation",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="escalations",
                            to="chatbot.turn",
                        ),
                    ),
                    ("turn_revision", models.PositiveSmallIntegerField()),
                    (
                        "state",
                        models.CharField(
                            choices=[
                                ("requested", "Requested"),
                                ("running", "Running"),
                                ("answered", "Answered"),
                                ("failed", "Failed"),
                                ("cancelled", "Cancelled"),
                            ],
                            default="requested",
                            max_length=10,
                        ),
                    ),
                    (
                        "purpose",
                        models.CharField(
                            choices=[("escalation", "Answer"), ("verification", "Verify")],
                            default="escalation",
                            max_length=12,
                        ),
                    ),
                    ("reason", models.CharField(max_length=40)),
                    ("failure", models.CharField(blank=True, max_length=40)),
                    ("evidence", models.JSONField(default=list)),
                    ("provider", models.CharField(blank=True, max_length=40)),
                    ("model", models.CharField(blank=True, max_length=120)),
                    ("input_tokens", models.PositiveIntegerField(default=0)),
                    ("output_tokens", models.PositiveIntegerField(default=0)),
                    ("cost_usd", models.FloatField(default=0.0)),
                    ("attempts", models.JSONField(default=list)),
                    ("requested_at", models.DateTimeField(auto_now_add=True)),
                    ("started_at", models.DateTimeField(null=True)),
                    ("ended_at", models.DateTimeField(null=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "requested_at"], name="escalation_recent")
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("turn", "turn_revision"), name="escalation_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="EgressEntry",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "escalation",
                        models.ForeignKey(
                            db_constraint=False,
                            null=True,
                            on_delete=django.db.models.deletion.DO_NOTHING,
                            related_name="+",
                            to="chatbot.escalation",
                        ),
                    ),
                    ("destination", models.CharField(max_length=300)),
                    ("purpose", models.CharField(max_length=40)),
                    ("redacted_text", models.TextField()),
                    ("redactions", models.JSONField(default=dict)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "-created_at"], name="egress_recent")
                    ],
                },
            ),
            migrations.CreateModel(
                name="Consent",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "contact",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.contact",
                        ),
                    ),
                    (
                        "message",
                        models.ForeignKey(
                            null=True,
                            on_delete=django.db.models.deletion.SET_NULL,
                            related_name="+",
                            to="chatbot.message",
                        ),
                    ),
                    ("granted", models.BooleanField()),
                    ("given_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "contact", "-given_at"], name="consent_of_contact"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="ServedModels",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("version_id", models.UUIDField(null=True)),
                    ("parts", models.JSONField(default=dict)),
                    ("base", models.JSONField(default=dict)),
                    ("candidate_id", models.UUIDField(null=True)),
                    ("candidate_parts", models.JSONField(default=dict)),
                    ("candidate_base", models.JSONField(default=dict)),
                    (
                        "stage",
                        models.CharField(
                            blank=True,
                            choices=[("shadow", "shadow"), ("share", "share")],
                            max_length=8,
                        ),
                    ),
                    ("share", models.FloatField(default=0.0)),
                    ("revision", models.PositiveIntegerField(default=0)),
                    ("failed_id", models.UUIDField(null=True)),
                    ("failure", models.CharField(blank=True, max_length=200)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="served_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                models.Q(("candidate_id__isnull", True), ("stage", "")),
                                models.Q(
                                    models.Q(("stage", ""), _negated=True),
                                    ("candidate_id__isnull", False),
                                ),
                                _connector="OR",
                            ),
                            name="candidate_has_stage",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="ShadowDecision",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "receipt",
                        models.OneToOneField(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="shadow",
                            to="chatbot.receipt",
                        ),
                    ),
                    ("version_id", models.UUIDField()),
                    ("decision", models.CharField(max_length=12)),
                    ("reason", models.CharField(blank=True, max_length=40)),
                    ("confidence", models.FloatField()),
                    ("agrees", models.BooleanField()),
                    ("duration_ms", models.FloatField()),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "version_id", "id"], name="shadow_newest")
                    ],
                },
            ),
            migrations.CreateModel(
                name="ServedThresholds",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("models_version", models.CharField(max_length=80)),
                    ("thresholds", models.JSONField(default=dict)),
                    ("labels", models.PositiveIntegerField(default=0)),
                    ("computed_at", models.DateTimeField(auto_now=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "models_version"), name="thresholds_of_models_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="AnswerRules",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "unsupported_sentences",
                        models.CharField(
                            choices=[("hand_over", "Hand Over"), ("remove", "Remove")],
                            default="hand_over",
                            max_length=10,
                        ),
                    ),
                    ("checked_risk", models.FloatField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="answer_rules_once"),
                        models.CheckConstraint(
                            condition=models.Q(
                                ("checked_risk__isnull", True),
                                models.Q(("checked_risk__gt", 0), ("checked_risk__lte", 0.5)),
                                _connector="OR",
                            ),
                            name="checked_risk_is_a_risk",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="AnswerCache",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("enabled", models.BooleanField()),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace",), name="answer_cache_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="CachedAnswer",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "turn",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.turn",
                        ),
                    ),
                    ("audience", models.CharField(max_length=9)),
                    ("embedder", models.CharField(max_length=80)),
                    ("key", models.CharField(max_length=64)),
                    ("question", models.TextField()),
                    ("vector", pgvector.django.vector.VectorField(dimensions=384)),
                    ("sentences", models.JSONField(default=list)),
                    ("rests_on", models.JSONField(default=list)),
                    ("model", models.CharField(max_length=120)),
                    ("saved_usd", models.FloatField(default=0.0)),
                    ("hits", models.PositiveIntegerField(default=0)),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "last_used_at"], name="cached_answer_used"
                        )
                    ],
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "audience", "embedder", "key"),
                            name="cached_answer_once",
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="LargeModel",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("position", models.PositiveSmallIntegerField(default=0)),
                    ("vendor", models.CharField(max_length=12)),
                    ("base_url", models.CharField(blank=True, max_length=300)),
                    ("model", models.CharField(max_length=120)),
                    ("sealed_key", models.TextField(blank=True)),
                    ("key_ends", models.CharField(blank=True, max_length=4)),
                    ("price_input_per_mtok", models.FloatField(null=True)),
                    ("price_output_per_mtok", models.FloatField(null=True)),
                    ("enabled", models.BooleanField(default=True)),
                    ("checked_at", models.DateTimeField(null=True)),
                    ("check_result", models.CharField(blank=True, max_length=40)),
                    ("created_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "indexes": [
                        models.Index(fields=["workspace", "position"], name="large_model_order")
                    ],
                },
            ),
            migrations.CreateModel(
                name="LedgerEntry",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                    (
                        "kind",
                        models.CharField(
                            choices=[
                                ("small_talk", "Small Talk"),
                                ("compact", "Compact"),
                                ("cache", "Cache"),
                                ("local", "Local"),
                                ("large", "Large"),
                                ("check", "Check"),
                                ("person", "Person"),
                            ],
                            max_length=12,
                        ),
                    ),
                    ("tier", models.PositiveSmallIntegerField()),
                    ("answered", models.BooleanField(default=False)),
                    ("conversation_id", models.UUIDField(null=True)),
                    ("turn_id", models.UUIDField(null=True)),
                    ("article_id", models.UUIDField(null=True)),
                    ("topic", models.CharField(blank=True, max_length=40)),
                    ("provider", models.CharField(blank=True, max_length=40)),
                    ("model", models.CharField(blank=True, max_length=120)),
                    ("input_tokens", models.PositiveIntegerField(default=0)),
                    ("output_tokens", models.PositiveIntegerField(default=0)),
                    ("model_usd", models.FloatField(default=0.0)),
                    ("cpu_s", models.FloatField(default=0.0)),
                    ("cpu_usd", models.FloatField(default=0.0)),
                    ("agent_s", models.FloatField(null=True)),
                    ("agent_usd", models.FloatField(null=True)),
                    ("counterfactual_usd", models.FloatField(null=True)),
                    ("priced_by", models.CharField(blank=True, max_length=170)),
                ],
                options={
                    "indexes": [
                        models.Index(
                            fields=["workspace", "created_at", "id"], name="ledger_by_time"
                        ),
                        models.Index(
                            condition=models.Q(("conversation_id__isnull", False)),
                            fields=["workspace", "conversation_id"],
                            name="ledger_of_conversation",
                        ),
                    ],
                },
            ),
            migrations.CreateModel(
                name="SpentDay",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    ("day", models.DateField()),
                    ("cost_usd", models.FloatField(default=0.0)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(fields=("workspace", "day"), name="spent_day_once")
                    ],
                },
            ),
            migrations.CreateModel(
                name="BudgetWarning",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "period",
                        models.CharField(
                            choices=[("day", "Day"), ("month", "Month")], max_length=5
                        ),
                    ),
                    ("begins", models.DateField()),
                    ("spent_usd", models.FloatField()),
                    ("limit_usd", models.FloatField()),
                    ("warned_at", models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("workspace", "period", "begins"), name="budget_warning_once"
                        )
                    ],
                },
            ),
            migrations.CreateModel(
                name="BudgetMail",
                fields=[
                    ("id", key()),
                    ("workspace", workspace()),
                    (
                        "warning",
                        models.ForeignKey(
                            db_index=False,
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="chatbot.budgetwarning",
                        ),
                    ),
                    (
                        "member",
                        models.ForeignKey(
                            on_delete=django.db.models.deletion.CASCADE,
                            related_name="+",
                            to="accounts.member",
                        ),
                    ),
                    ("sent_at", models.DateTimeField(null=True)),
                ],
                options={
                    "constraints": [
                        models.UniqueConstraint(
                            fields=("warning", "member"), name="budget_mail_once"
                        )
                    ],
                },
            ),
        ),
        *enable_rls(
            "chatbot_receipt",
            "chatbot_escalation",
            "chatbot_egressentry",
            "chatbot_consent",
            "chatbot_servedmodels",
            "chatbot_shadowdecision",
            "chatbot_servedthresholds",
            "chatbot_answerrules",
            "chatbot_answercache",
            "chatbot_cachedanswer",
            "chatbot_largemodel",
            "chatbot_ledgerentry",
            "chatbot_spentday",
            "chatbot_budgetwarning",
            "chatbot_budgetmail",
        ),
        *append_only("chatbot_egressentry"),
        *append_only("chatbot_ledgerentry"),
    ]
