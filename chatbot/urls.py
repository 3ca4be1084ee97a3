"""HTTP paths of this package."""

from django.urls import URLPattern, URLResolver, include, path

from chatbot.api.root import urlpatterns as api_patterns
from chatbot.pages import (
    article,
    attachments,
    canned,
    demo,
    desk,
    for_me,
    inbox,
    pane,
    suggestions,
    transcript,
    widget,
)

beside: list[URLPattern | URLResolver] = [
    path("pane/", pane.pane, name="desk-pane"),
    path("assist/", pane.assist, name="desk-assist"),
    path("look-up/", pane.look_up, name="desk-look-up"),
    path("seen/", pane.seen, name="desk-seen"),
    path("drafts/", pane.drafts, name="desk-drafts"),
    path("canned/", pane.offer, name="desk-offer"),
    path("earlier/<uuid:earlier_id>/", pane.earlier, name="desk-earlier"),
]
urlpatterns = [
    path("api/v1/", (api_patterns(), "ninja", "api-v1")),
    path("widget/v1/loader.js", widget.loader_script, name="widget_loader"),
    path("widget/v1/frame/<slug:key>/", widget.frame, name="widget_frame"),
    path("widget/v1/<slug:key>/loader.js", widget.site_loader, name="widget_site_loader"),
    path("widget/v1/suggestions/<slug:key>/", suggestions.current, name="widget_suggestions"),
    path(
        "widget/v1/suggestions/<slug:key>/<slug:digest>/",
        suggestions.snapshot,
        name="widget_snapshot",
    ),
    path("widget/v1/article/<slug:key>/<uuid:article_id>/", article.article, name="widget_article"),
    path(
        "widget/v1/article/<slug:key>/<uuid:article_id>/<slug:digest>.<slug:kind>",
        article.picture,
        name="widget_article_picture",
    ),
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
    path("desk/<slug:slug>/inbox/", inbox.inbox, name="desk-inbox"),
    path("desk/<slug:slug>/search/", inbox.found, name="desk-search"),
    path("desk/<slug:slug>/tags/", inbox.every_tag, name="desk-tags"),
    path("desk/<slug:slug>/act/", inbox.act, name="desk-act"),
    path("desk/<slug:slug>/about/<uuid:conversation_id>/", inbox.about, name="desk-about"),
    path("desk/<slug:slug>/c/<uuid:conversation_id>/", include(beside)),
    path("desk/<slug:slug>/verdicts/<uuid:receipt_id>/", pane.verdict, name="desk-verdict"),
    path("desk/<slug:slug>/for-me/", for_me.show, name="desk-for-me"),
    path(
        "desk/<slug:slug>/questions/<uuid:question_id>/", for_me.answer, name="desk-question-answer"
    ),
    path("desk/<slug:slug>/canned/", canned.show, name="desk-canned"),
    path("desk/<slug:slug>/canned/<uuid:canned_id>/", canned.show, name="desk-canned-one"),
    path(
        "desk/<slug:slug>/canned/<uuid:canned_id>/delete/", canned.delete, name="desk-canned-delete"
    ),
]
