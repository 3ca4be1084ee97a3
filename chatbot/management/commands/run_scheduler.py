"""The scheduler: finds work that was left over and waits that are due, every 2 seconds, and what
comes again each day or week, every 5 minutes. One process at a time."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections

from chatbot.health import SCHEDULER, show_alive
from chatbot.queues import attending
from outbox.recurring import enqueue_due
from outbox.sweeper import hold_lock, sweep

log = logging.getLogger(__name__)
INTERVAL_S = 2.0
RECURRING_S = 300.0


class Command(BaseCommand):
    help = "Wake workers for work that nobody does"
    requires_system_checks = ()  # `migrate` has run them

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        alive = False
        held = False
        looked = time.monotonic() - RECURRING_S
        while not stop.wait(INTERVAL_S if alive else 0.0):
            try:
                held = held or hold_lock()
                if held:
                    sweep()
                    attending.enqueue_due()
                if held and time.monotonic() - looked >= RECURRING_S:
                    looked = time.monotonic()
                    enqueue_due()
            except DatabaseError as error:
                held = False
                connections["sweeper"].close()
                connections["default"].close()
                reason = type(error).__name__
                log.warning("no sweep", extra={"event": "sweep_failed", "reason": reason})
            if not alive:
                show_alive(SCHEDULER)
                alive = True
