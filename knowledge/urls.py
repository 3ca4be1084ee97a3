"""HTTP paths of this package."""

from django.urls import path, re_path

from knowledge import views

urlpatterns = [
    path("help/<slug:workspace>/<uuid:article_id>/", views.article, name="article"),
    re_path(
        r"^help/(?P<workspace>[a-z0-9-]{1,60})/pictures/(?P<digest>[0-9a-f]{64})\.(?P<kind>png|jpg|webp)$",
        views.picture,
        name="picture",
    ),
]
