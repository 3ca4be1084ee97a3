"""HTTP paths of this package."""

from django.urls import URLPattern, URLResolver, include, path

from console.views import (
    articles,
    checks,
    chooser,
    conversations,
    dial,
    gaps,
    knowledge,
    landing,
    members,
    models,
    outcomes,
    probes,
    settings,
    training,
    uploads,
)

article: list[URLPattern | URLResolver] = [
    path("", articles.edit, name="console-article"),
    path("revisions/", articles.revisions, name="console-revisions"),
    path("revisions/<int:number>/", articles.revisions, name="console-revision"),
    path("revisions/<int:number>/restore/", articles.restore, name="console-restore"),
    path("<slug:action>/", articles.act, name="console-act"),
]
check: list[URLPattern | URLResolver] = [
    path("", checks.overview, name="console-checks"),
    path("next/", checks.take_next, name="console-check-next"),
    path("<uuid:audit_id>/", checks.check, name="console-check"),
    path("<uuid:audit_id>/reason/", checks.give_reason, name="console-check-reason"),
]
outcome: list[URLPattern | URLResolver] = [
    path("", outcomes.show, name="console-outcomes"),
    path("export/<slug:table>.csv", outcomes.export, name="console-outcomes-csv"),
    path("conversations/", conversations.list_them, name="console-conversations"),
    path("conversations.csv", conversations.export, name="console-conversations-csv"),
    path("conversations/<uuid:conversation_id>/", conversations.read, name="console-conversation"),
]
gap: list[URLPattern | URLResolver] = [
    path("", gaps.show, name="console-gap"),
    path("status/", gaps.status, name="console-gap-status"),
    path("merge/", gaps.merge, name="console-gap-merge"),
    path("article/", gaps.begin_article, name="console-gap-article"),
    path("<slug:action>/", gaps.act, name="console-gap-act"),
]
workspace: list[URLPattern | URLResolver] = [
    path("", knowledge.show_overview, name="console-overview"),
    path("articles/", knowledge.list_all, name="console-articles"),
    path("articles/new/", articles.new, name="console-new"),
    path("articles/preview/", articles.preview, name="console-preview"),
    path("articles/<uuid:article_id>/", include(article)),
    path("uploads/", uploads.upload, name="console-uploads"),
    path("uploads/status/", uploads.status, name="console-upload-status"),
    path("checks/", include(check)),
    path("gaps/", gaps.list_all, name="console-gaps"),
    path("gaps/<uuid:group_id>/", include(gap)),
    path("outcomes/", include(outcome)),
    path("dial/", dial.show, name="console-dial"),
    path("models/", models.show_models, name="console-models"),
    path("models/training/", training.show, name="console-training"),
    path("models/training/start/", training.start, name="console-training-start"),
    path("models/training/<uuid:run_id>/cancel/", training.cancel, name="console-training-cancel"),
    path("models/training/<uuid:run_id>/resume/", training.resume, name="console-training-resume"),
    path("models/back/", models.roll_back, name="console-models-back"),
    path("models/<uuid:version_id>/", models.promote, name="console-promote"),
    path("models/<uuid:version_id>/card/", models.card, name="console-model-card"),
    path("settings/", settings.general, name="console-settings"),
    path("settings/widget/", settings.widget, name="console-widget"),
    path("settings/members/", members.show_members, name="console-members"),
    path("settings/members/<uuid:member_id>/role/", members.change_role, name="console-role"),
    path("settings/members/<uuid:member_id>/remove/", members.remove, name="console-remove"),
    path("settings/keys/", members.show_keys, name="console-keys"),
    path("settings/keys/revoke/", members.revoke_key, name="console-revoke"),
    path("settings/audit/", settings.audit_log, name="console-audit"),
]
urlpatterns = [
    path("", landing.landing, name="landing"),
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("console/", chooser.choose_console, name="console"),
    path("console/<slug:slug>/", include(workspace)),
]
