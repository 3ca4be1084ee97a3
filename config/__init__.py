"""Composition root: settings, URLs, ASGI, Celery and the local services.

The Celery application is made here, so that every process that writes a job (web, commands,
workers) wakes the workers through the configured broker, and not through Celery's default one.
"""

from config.celery import app as celery_app

__all__ = ["celery_app"]
