from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import OWN_WORKSPACE, enable_rls

# Runs as the owner, whom FORCE ROW LEVEL SECURITY binds too; what it takes is said twice.
ERASE = """
CREATE FUNCTION chatbot_erase_trail(conversations uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
    UPDATE chatbot_egressentry SET escalation_id = NULL, redacted_text = ''
    WHERE @own_workspace AND escalation_id IN (
        SELECT escalation.id FROM chatbot_escalation escalation
        JOIN chatbot_turn turn ON turn.id = escalation.turn_id
        WHERE turn.conversation_id = ANY(conversations)
    );
    DELETE FROM chatbot_event WHERE @own_workspace AND conversation_id = ANY(conversations);
$body$
""".replace("@own_workspace", OWN_WORKSPACE)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0007_bot_settings"),
        ("chatbot", "0009_consent"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.AlterField(
            model_name="egressentry",
            name="escalation",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="chatbot.escalation",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="chatbot.conversation",
            ),
        ),
        migrations.CreateModel(
            name="ErasedDay",
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
                ("conversations", models.PositiveIntegerField(default=0)),
                ("messages", models.PositiveIntegerField(default=0)),
                ("answered_0", models.PositiveIntegerField(default=0)),
                ("answered_1", models.PositiveIntegerField(default=0)),
                ("answered_2", models.PositiveIntegerField(default=0)),
                ("escalations", models.PositiveIntegerField(default=0)),
                ("handoffs", models.PositiveIntegerField(default=0)),
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
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("workspace", "day"), name="erased_day_once")
                ],
            },
        ),
        *enable_rls("chatbot_erasedday"),
        migrations.RunSQL(ERASE, "DROP FUNCTION chatbot_erase_trail(uuid[])"),
    ]
