"""Paths of the sockets."""

from channels.auth import AuthMiddlewareStack
from django.urls import path

from chatbot.consumers.desk import DeskConsumer
from chatbot.consumers.visitor import VisitorConsumer

websocket_urlpatterns = [
    path("ws/v1/visitor", VisitorConsumer.as_asgi()),
    path("ws/v1/desk/<slug:slug>", AuthMiddlewareStack(DeskConsumer.as_asgi())),
]
