"""HTTP paths of this package."""

from django.urls import path

from knowledge import views

urlpatterns = [
    path("help/<slug:workspace>/<uuid:article_id>/", views.article, name="article"),
]
