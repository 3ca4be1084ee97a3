"""HTTP paths of this package."""

from django.urls import path

from chatbot.api.root import urlpatterns as api_patterns
from chatbot.pages import article, demo, desk, inbox, widget

urlpatterns = [
    path("api/v1/", (api_patterns(), "ninja", "api-v1")),
    path("widget/v1/loader.js", widget.loader_script, name="widget_loader"),
    path("widget/v1/frame/<slug:key>/", widget.frame, name="widget_frame"),
    path("widget/v1/<slug:key>/loader.js", widget.site_loader, name="widget_site_loader"),
    path("widget/v1/article/<slug:key>/<uuid:article_id>/", article.article, name="widget_article"),
    path("demo/", demo.demo, name="demo"),
    path("desk/", desk.choose_desk, name="choose_desk"),
    path("desk/<slug:slug>/", desk.desk, name="desk"),
    path("desk/<slug:slug>/inbox/", inbox.inbox, name="desk-inbox"),
    path("desk/<slug:slug>/search/", inbox.found, name="desk-search"),
    path("desk/<slug:slug>/tags/", inbox.every_tag, name="desk-tags"),
    path("desk/<slug:slug>/act/", inbox.act, name="desk-act"),
    path("desk/<slug:slug>/about/<uuid:conversation_id>/", inbox.about, name="desk-about"),
]
