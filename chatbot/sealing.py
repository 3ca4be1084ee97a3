"""Secrets that must be read again, encrypted at rest: authenticated, with a key of this service.

The key follows from DJANGO_SECRET_KEY; whoever has the database alone reads nothing. Fernet:
AES-128-CBC with HMAC-SHA256. With another DJANGO_SECRET_KEY a sealed text opens no more.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """It was sealed with another key, or altered."""


def seal(text: str, *, purpose: str) -> str:
    return _box(purpose).encrypt(text.encode()).decode()


def opened(sealed: str, *, purpose: str) -> str:
    """Raises Unreadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable(purpose) from None


def _box(purpose: str) -> Fernet:
    """A purpose's own key, so that what was sealed for one cannot be used for another."""
    derived = HKDF(SHA256(), length=32, salt=None, info=f"firstline {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
