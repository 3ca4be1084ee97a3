from typing import ClassVar

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import accounts.ids
from accounts.rls import OWN_WORKSPACE, enable_rls, searched_by_owner

VECTOR = """
CREATE FUNCTION chatbot_search_vector(workspace uuid, words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $body$
    SELECT to_tsvector('simple', words) || to_tsvector('english', words)
        || to_tsvector('russian', words) || array_to_tsvector(ARRAY['workspace ' || workspace])
$body$
"""
# Runs as the owner, for whom no policy of this table hides @@ behind a barrier; so the workspace is
# said here. The newest first, from a place on.
SEARCH = """
CREATE FUNCTION chatbot_search(query tsquery, before timestamptz, before_id uuid, most integer)
RETURNS TABLE (id uuid, event_id uuid, conversation_id uuid, author varchar, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
DECLARE
    own uuid := nullif(current_setting('app.workspace', true), '')::uuid;
BEGIN
    RETURN QUERY EXECUTE
        'SELECT e.id, e.event_id, e.conversation_id, e.author, e.at FROM chatbot_searchentry e
         WHERE e.workspace_id = $1 AND e.vector @@ $2 AND (e.at, e.id) < ($3, $4)
         ORDER BY e.at DESC, e.id DESC LIMIT $5'
    USING own, (quote_literal('workspace ' || own))::tsquery && query, before, before_id, most;
END
$body$
"""
# What was said before this version: migrations run under the walls, so one workspace at a time.
FILL = """
DO $body$
DECLARE
    workspace record;
BEGIN
    FOR workspace IN SELECT id FROM accounts_workspace LOOP
        PERFORM set_config('app.workspace', workspace.id::text, true);
        INSERT INTO chatbot_searchentry
            (id, workspace_id, conversation_id, event_id, author, at, vector)
        SELECT gen_random_uuid(), workspace_id, conversation_id, id, who, created_at,
            chatbot_search_vector(workspace_id, words)
        FROM (SELECT *,
                CASE kind WHEN 'note.added' THEN 'note' ELSE payload->>'author' END AS who,
                CASE kind WHEN 'note.added' THEN staff_payload->>'text'
                    ELSE payload->>'text' END AS words
            FROM chatbot_event WHERE @own AND kind IN ('message.posted', 'note.added')) said
        WHERE coalesce(words, '') <> '';
        UPDATE chatbot_conversation c SET visitor_wrote_seq = said.seq
        FROM (SELECT conversation_id, max(staff_seq) AS seq FROM chatbot_event
            WHERE @own AND kind = 'message.posted' AND payload->>'author' = 'visitor'
            GROUP BY conversation_id) said
        WHERE c.id = said.conversation_id AND c.@own;
        UPDATE chatbot_handoff h SET replied_at = (SELECT min(m.created_at) FROM chatbot_message m
            WHERE m.workspace_id = h.workspace_id AND m.conversation_id = h.conversation_id
            AND m.author = 'member' AND m.created_at >= h.requested_at
            AND m.created_at <= coalesce(h.ended_at, 'infinity'))
        WHERE h.@own;
    END LOOP;
    PERFORM set_config('app.workspace', '', true);
END
$body$
""".replace("@own", OWN_WORKSPACE)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("accounts", "0007_bot_settings"),
        ("chatbot", "0013_queues"),
    ]

    operations: ClassVar[list[Operation]] = [
        migrations.CreateModel(
            name="ConversationTag",
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
                ("name", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=80)),
                (
                    "colour",
                    models.CharField(
                        choices=[
                            ("grey", "Grey"),
                            ("blue", "Blue"),
                            ("green", "Green"),
                            ("amber", "Amber"),
                            ("red", "Red"),
                            ("violet", "Violet"),
                        ],
                        default="grey",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReadMark",
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
                ("staff_seq", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
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
                ("event_id", models.UUIDField()),
                ("author", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
                ("vector", django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Tagging",
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
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="conversation",
            name="visitor_wrote_seq",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="handoff",
            name="replied_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "status", "-last_message_at", "-id"], name="inbox_status"
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["workspace", "owner_member", "status", "-last_message_at", "-id"],
                name="inbox_member",
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(fields=["workspace", "requested_at"], name="handoff_recent"),
        ),
        migrations.AddField(
            model_name="conversationtag",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="readmark",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chatbot.conversation",
            ),
        ),
        migrations.AddField(
            model_name="readmark",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.member"
            ),
        ),
        migrations.AddField(
            model_name="readmark",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="conversation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chatbot.conversation",
            ),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddField(
            model_name="tagging",
            name="conversation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="taggings",
                to="chatbot.conversation",
            ),
        ),
        migrations.AddField(
            model_name="tagging",
            name="tag",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chatbot.conversationtag",
            ),
        ),
        migrations.AddField(
            model_name="tagging",
            name="workspace",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.workspace",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversationtag",
            constraint=models.UniqueConstraint(
                fields=("workspace", "key"), name="conversation_tag_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="readmark",
            constraint=models.UniqueConstraint(
                fields=("conversation", "member"), name="read_mark_once"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False, fields=["vector"], name="words_said"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["workspace", "-at", "-id"], name="said_recently"),
        ),
        migrations.AddIndex(
            model_name="tagging",
            index=models.Index(fields=["workspace", "tag", "conversation"], name="tagged_with"),
        ),
        migrations.AddConstraint(
            model_name="tagging",
            constraint=models.UniqueConstraint(fields=("conversation", "tag"), name="tagging_once"),
        ),
        *enable_rls(
            "chatbot_conversationtag",
            "chatbot_tagging",
            "chatbot_readmark",
            "chatbot_searchentry",
        ),
        *searched_by_owner("chatbot_searchentry"),
        migrations.RunSQL(VECTOR, "DROP FUNCTION chatbot_search_vector(uuid, text)"),
        migrations.RunSQL(
            SEARCH, "DROP FUNCTION chatbot_search(tsquery, timestamptz, uuid, integer)"
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
