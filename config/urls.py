"""Every HTTP path of the service."""

from django.urls import include, path

urlpatterns = [
    path("", include("console.urls")),
    path("", include("chatbot.urls")),
    path("", include("knowledge.urls")),
    path("accounts/", include("accounts.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
