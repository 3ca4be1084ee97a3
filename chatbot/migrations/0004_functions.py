"""The functions of the database: erasing, finding words, and counting what a day costs."""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

from accounts.rls import OWN_WORKSPACE

# Both run as the owner, whom FORCE ROW LEVEL SECURITY binds too; what they take is said twice.
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
FORGET = """
CREATE FUNCTION chatbot_forget_in_ledger(conversations uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $body$
    UPDATE chatbot_ledgerentry SET conversation_id = NULL, turn_id = NULL
    WHERE @own_workspace AND conversation_id = ANY(conversations);
$body$
""".replace("@own_workspace", OWN_WORKSPACE)
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
# What a day's escalations cost, whoever writes them. What is deleted stays counted.
COUNT = """
CREATE FUNCTION chatbot_count_spent() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $body$
BEGIN
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
FOR EACH ROW WHEN (NEW.cost_usd <> 0) EXECUTE FUNCTION chatbot_count_spent();
CREATE TRIGGER count_spent_anew AFTER UPDATE OF cost_usd, requested_at ON chatbot_escalation
FOR EACH ROW WHEN (
    (OLD.cost_usd, OLD.requested_at) IS DISTINCT FROM (NEW.cost_usd, NEW.requested_at)
) EXECUTE FUNCTION chatbot_count_spent()
"""


class Migration(migrations.Migration):
    replaces: ClassVar = [("chatbot", "0019_ledger")]
    dependencies: ClassVar = [("chatbot", "0003_desk")]
    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(ERASE, "DROP FUNCTION chatbot_erase_trail(uuid[])"),
        migrations.RunSQL(FORGET, "DROP FUNCTION chatbot_forget_in_ledger(uuid[])"),
        migrations.RunSQL(VECTOR, "DROP FUNCTION chatbot_search_vector(uuid, text)"),
        migrations.RunSQL(
            SEARCH, "DROP FUNCTION chatbot_search(tsquery, timestamptz, uuid, integer)"
        ),
        migrations.RunSQL(COUNT, "DROP FUNCTION chatbot_count_spent() CASCADE"),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
