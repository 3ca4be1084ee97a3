"""HTTP paths of this package."""

from django.urls import path

from chatbot.api.root import urlpatterns as api_patterns
from chatbot.pages import attachments, demo, desk, transcript, widget

urlpatterns = [
    path("api/v1/", (api_patterns(), "ninja", "api-v1")),
    path("widget/v1/loader.js", widget.loader_script, name="widget_loader"),
    path("widget/v1/frame/<slug:key>/", widget.frame, name="widget_frame"),
    path(
        "widget/v1/files/<slug:key>/<uuid:conversation_id>/", attachments.give, name="widget_files"
    ),
    path(
        "widget/v1/files/<slug:key>/<uuid:conversation_id>/<uuid:attachment_id>/",
        attachments.visitors_file,
        name="widget_file",
    ),
    path("transcript/<str:token>/", transcript.confirm, name="transcript_confirm"),
    path(
        "desk/<slug:slug>/files/<uuid:conversation_id>/",
        attachments.give_as_member,
        name="desk_files",
    ),
    path(
        "desk/<slug:slug>/files/<uuid:conversation_id>/<uuid:attachment_id>/",
        attachments.members_file,
        name="desk_file",
    ),
    path("demo/", demo.demo, name="demo"),
    path("desk/", desk.choose_desk, name="choose_desk"),
    path("desk/<slug:slug>/", desk.desk, name="desk"),
]
