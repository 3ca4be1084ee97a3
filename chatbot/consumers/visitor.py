"""The visitor's socket. The session is begun by the first frame; rows decide everything else."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from accounts import ratelimit
from accounts.access import widget_workspace
from accounts.errors import NotFound
from accounts.scope import workspace_scope
from chatbot import broadcast, history, identity, intake, protocol, reading
from chatbot.consumers.base import in_database
from chatbot.consumers.origins import address_of, origin_of, own_origins
from chatbot.consumers.placing import Placing
from chatbot.consumers.wishes import WISHES
from chatbot.errors import Invalid
from chatbot.models import Widget
from chatbot.sessions import VisitorSession, is_known, start_session

POLL_S = 15.0  # a lost hint delays an event by no more than this
NEW_VISITORS_AT_ONCE, NEW_VISITORS_PER_S = 60, 1.0  # from one address
HISTORY = protocol.ConversationsList | protocol.HistoryRead | protocol.ConversationStart
MESSAGES_AT_ONCE, MESSAGES_PER_S = 20, 2.0  # of one visitor, as are the other writing commands


def _widget(key: str) -> tuple[UUID, set[str]]:
    """Workspace and allowed origins of a widget. Raises NotFound."""
    if not key.isprintable():  # the database cannot even be asked for some of these
        raise NotFound("no such widget")
    workspace_id = widget_workspace(key)
    with workspace_scope(workspace_id):
        widget = Widget.objects.filter(key=key).first()
    if widget is None:
        raise NotFound("no such widget")
    return workspace_id, {origin.lower().rstrip("/") for origin in widget.origins}


class VisitorConsumer(Placing):
    commands = protocol.visitor_commands
    sent_seq = 0
    language = ""

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.key = query.get("key", [""])[0]
        try:
            self.workspace_id, origins = await in_database(_widget, self.key)
        except NotFound:
            await self.close()
            return
        if origin_of(self.scope) not in origins | own_origins(self.scope):
            await self.close()
            return
        await self.begin()

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.session:
            await self.unsubscribe(broadcast.conversation_group(self.session.conversation_id))

    async def handle(self, command: Any) -> None:
        if isinstance(command, protocol.Ping):
            await self.frame(type="pong")
        elif isinstance(command, protocol.SessionStart):
            await self._start(command)
        elif self.session is None:
            raise Invalid("Begin with session.start", code="not_started")
        else:
            await self._in_session(self.session, command)

    async def _start(self, command: protocol.SessionStart) -> None:
        if self.session:
            raise Invalid("The session has begun already", code="already_started")
        if not await in_database(is_known, self.workspace_id, command.token):
            address = address_of(self.scope)
            await in_database(
                ratelimit.check,
                "visitors",
                key=address,
                burst=NEW_VISITORS_AT_ONCE,
                per_second=NEW_VISITORS_PER_S,
            )
        session = await self._session(command.token, command.language)
        self.started, self.language = True, command.language
        await self._show(session, after_seq=command.after_seq)
        self.spawn(self._poll())
        await self._catch_up()

    async def _session(self, token: str | None, language: str) -> VisitorSession:
        return await in_database(
            start_session, self.workspace_id, self.key, token=token, language=language
        )

    async def _show(
        self, session: VisitorSession, *, after_seq: int = 0, is_other: bool = False
    ) -> None:
        """This socket's session from now on, and what the client must know of it."""
        if self.session and self.session.conversation_id != session.conversation_id:
            await self.unsubscribe(broadcast.conversation_group(self.session.conversation_id))
        self.session = session
        await self.subscribe(broadcast.conversation_group(session.conversation_id))
        state = await in_database(
            reading.conversation_state, session.workspace_id, session.conversation_id
        )
        self.sent_seq = min(after_seq, state["visitor_seq"])
        await self.frame(
            type="session.started",
            token=session.token,
            conversation_id=session.conversation_id,
            seq=state["visitor_seq"],
            owner=state["owner"],
            status=state["status"],
            agent_name=state["agent_name"],
            bot_name=session.bot_name,
            greeting=session.greeting,
            disclosure=session.disclosure,
            language=session.language,
            identified=session.identified,
            is_other=is_other,
            prechat=[field.as_json() for field in session.form],
        )

    async def _identify(self, session: VisitorSession, command: protocol.SessionIdentify) -> None:
        """The session of whoever the site says it is; the client is told as at a start."""
        await self._limit(session)
        where = (self.workspace_id, session.contact_id)
        token: str | None = session.token
        if command.token is None:
            is_other = await in_database(identity.forget, *where, token=session.token)
            token = None if is_other else token
        else:
            claims = await in_database(identity.verify, self.workspace_id, self.key, command.token)
            found = await in_database(identity.identify, *where, claims, token=session.token)
            is_other, token = found.is_other, found.token or token
        async with self.sending:
            await self._show(await self._session(token, self.language), is_other=is_other)
        await self._catch_up()

    async def _in_session(self, session: VisitorSession, command: Any) -> None:
        where = (session.workspace_id, session.conversation_id, session.contact_id)
        if isinstance(command, protocol.MessageSend | protocol.OptionChoose):
            await self._post(session, command)
        elif isinstance(command, protocol.SessionIdentify):
            await self._identify(session, command)
        elif wish := WISHES.get(type(command)):
            await self._limit(session)
            if answer := await in_database(wish, where, command):
                await self.frame(**answer)
            await self._catch_up()
        elif isinstance(command, protocol.TypingStart):
            conversation_id = session.conversation_id
            frame = {
                "type": "typing.started",
                "who": "visitor",
                "conversation_id": str(conversation_id),
            }
            broadcast.transient(conversation_id, frame)
        elif isinstance(command, HISTORY):
            await self._limit(session)
            await self._history(session, command)
        elif isinstance(command, protocol.EventsResume):
            await self._limit(session)
            async with self.sending:
                self.sent_seq = min(command.after_seq, self.sent_seq)
            await self._catch_up()

    async def _history(self, session: VisitorSession, command: HISTORY) -> None:
        where = (session.workspace_id, session.conversation_id, session.contact_id)
        if isinstance(command, protocol.ConversationsList):
            page = await in_database(history.earlier, *where, before=command.before)
            await self.frame(type="conversations.listed", **page)
        elif isinstance(command, protocol.HistoryRead):
            where = (session.workspace_id, command.conversation_id, session.contact_id)
            page = await in_database(history.read, *where, after_seq=command.after_seq)
            await self.frame(type="history.shown", **page)
        else:
            begun = await in_database(history.start_new, *where)
            await self.unsubscribe(broadcast.conversation_group(session.conversation_id))
            async with self.sending:
                await self._show(replace(session, conversation_id=begun), after_seq=0)
            await self._catch_up()

    async def _post(
        self, session: VisitorSession, command: protocol.MessageSend | protocol.OptionChoose
    ) -> None:
        await self._limit(session)
        where = (session.workspace_id, session.conversation_id, session.contact_id)
        client_id = command.client_id
        if isinstance(command, protocol.MessageSend):
            posted = await in_database(
                intake.post_visitor_message,
                *where,
                client_id=client_id,
                text=command.text,
                files=command.attachments,
            )
        else:
            choice = intake.Choice(command.message_id, command.option)
            posted = await in_database(
                intake.choose_option, *where, client_id=client_id, choice=choice
            )
        await self.frame(
            type="message.accepted",
            client_id=client_id,
            message_id=posted.message_id,
            seq=posted.seq,
        )
        await self._catch_up()

    async def _limit(self, session: VisitorSession) -> None:
        await in_database(
            ratelimit.check,
            "visitor",
            key=str(session.contact_id),
            burst=MESSAGES_AT_ONCE,
            per_second=MESSAGES_PER_S,
        )

    async def hint(self, message: dict[str, Any]) -> None:
        await self.quietly(self._catch_up())

    async def transient(self, message: dict[str, Any]) -> None:
        if message["frame"].get("who") != "visitor":
            await self.frame(**message["frame"])

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            await self.quietly(self._catch_up())

    async def _catch_up(self) -> None:
        """Send every event after the last one sent, in order, each once."""
        async with self.sending:
            session = self.session  # the conversation may have changed while we waited
            while session and (
                frames := await in_database(
                    reading.visitor_events,
                    session.workspace_id,
                    session.conversation_id,
                    self.sent_seq,
                )
            ):
                for frame in frames:
                    await self.frame(**frame)
                    self.sent_seq = frame["seq"]
        await self._tell_place()
