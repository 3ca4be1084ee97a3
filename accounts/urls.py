"""Log in, log out, change the password. Nothing else of allauth has a path.

Members are made by an administrator, so there is no signing up; the service sends no e-mail, so
there are no pages that promise one.
"""

from allauth.account import views
from django.urls import path

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("password/change/", views.password_change, name="account_change_password"),
]
