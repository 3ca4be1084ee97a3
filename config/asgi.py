"""The web process: pages, REST and sockets. It never loads a model."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.apps import apps
from django.conf import settings
from django.core.asgi import get_asgi_application

from config.databases import pool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

if not apps.ready:  # where they are, this is imported by a process with connections of its own
    pool(settings.DATABASES, size=settings.DATABASE_POOL_SIZE)

http = get_asgi_application()

from chatbot.routing import websocket_urlpatterns  # noqa: E402  (needs the app registry)

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
