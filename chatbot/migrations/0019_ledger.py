from typing import ClassVar

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import OWN_WORKSPACE, append_only, enable_rls

# Runs as the owner, whom FORCE ROW LEVEL SECURITY binds too; what it takes is said twice.
FORGET = """
CREATE FUNCTION chatbot_forget_in_ledger(conversations uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
    UPDATE chatbot_ledgerentry SET conversation_id = NULL, turn_id = NULL
    WHERE @own_workspace AND conversation_id = ANY(conversations);
$body$
""".replace("@own_workspace", OWN_WORKSPACE)
# What a day's escalations cost, whoever writes them. What is deleted stays counted.
COUNT = """
CREATE FUNCTION chatbot_count_spent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.cost_usd, OLD.requested_at) = (NEW.cost_usd, NEW.requested_at) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO chatbot_spentday AS spent (id, workspace_id, day, cost_usd)
        VALUES (gen_random_uuid(), OLD.workspace_id,
            (OLD.requested_at AT TIME ZONE 'UTC')::date, -OLD.cost_usd)
        ON CONFLICT (workspace_id, day)
        DO UPDATE SET cost_usd = spent.cost_usd + EXCLUDED.cost_usd;
    END IF;
    INSERT INTO chatbot_spentday AS spent (id, workspace_id, day, cost_usd)
    VALUES (gen_random_uuid(), NEW.workspace_id,
        (NEW.requested_at AT TIME ZONE 'UTC')::date, NEW.cost_usd)
    ON CONFLICT (workspace_id, day) DO UPDATE SET cost_usd = spent.cost_usd + EXCLUDED.cost_usd;
    RETURN NULL;
END
$body$
"""
TRIGGERS = """
CREATE TRIGGER count_spent AFTER INSERT ON chatbot_escalation
FOR EACH ROW EXECUTE FUNCTION chatbot_count_spent();
CREATE TRIGGER count_spent_anew AFTER UPDATE OF cost_usd, requested_at ON chatbot_escalation
FOR EACH ROW EXECUTE FUNCTION chatbot_count_spent()
"""
# Migrations run under the walls, so one workspace at a time.
FILL = """
DO $body$
DECLARE
    workspace record;
BEGIN
    FOR workspace IN SELECT id FROM accounts_workspace LOOP
        PERFORM set_config('app.workspace', workspace.id::text, true);
        INSERT INTO chatbot_spentday (id, workspace_id, day, cost_usd)
        SELECT gen_random_uuid(), workspace.id, day, sum(cost_usd) FROM (
            SELECT (requested_at AT TIME ZONE 'UTC')::date AS day, cost_usd
            FROM chatbot_escalation WHERE @own
            UNION ALL SELECT day, cost_usd FROM chatbot_erasedday WHERE @own
        ) costs GROUP BY day;
    END LOOP;
    PERFORM set_config('app.workspace', '', true);
END
$body$
""".replace("@own", OWN_WORKSPACE)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0010_budgets"),
        ("chatbot", "0017_large_models"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AddField("receipt", "route", models.JSONField(default=dict)),
        migrations.CreateModel(
            name="BudgetWarning",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "period",
                    models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5),
                ),
                ("begins", models.DateField()),
                ("spent_usd", models.FloatField()),
                ("limit_usd", models.FloatField()),
                ("warned_at", models.DateTimeField(auto_now_add=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BudgetMail",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.member",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "warning",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chatbot.budgetwarning",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
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
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SpentDay",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("cost_usd", models.FloatField(default=0.0)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="budgetwarning",
            constraint=models.UniqueConstraint(
                fields=("workspace", "period", "begins"), name="budget_warning_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetmail",
            constraint=models.UniqueConstraint(
                fields=("warning", "member"), name="budget_mail_once"
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["workspace", "created_at", "id"], name="ledger_by_time"),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                condition=models.Q(("conversation_id__isnull", False)),
                fields=["workspace", "conversation_id"],
                name="ledger_of_conversation",
            ),
        ),
        migrations.AddConstraint(
            model_name="spentday",
            constraint=models.UniqueConstraint(fields=("workspace", "day"), name="spent_day_once"),
        ),
        *enable_rls(
            "chatbot_ledgerentry",
            "chatbot_spentday",
            "chatbot_budgetwarning",
            "chatbot_budgetmail",
        ),
        *append_only("chatbot_ledgerentry"),
        migrations.RunSQL(FORGET, "DROP FUNCTION chatbot_forget_in_ledger(uuid[])"),
        migrations.RunSQL(COUNT, "DROP FUNCTION chatbot_count_spent() CASCADE"),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
