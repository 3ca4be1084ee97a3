"""The web process asks PostgreSQL for few connections, however many requests it answers."""

import time
import urllib.request

import pytest
from django.db import connection

from tests.cast import Cast
from tests.live import Live

REQUESTS = 20
SETTLE_S = 1.5  # PostgreSQL counts sessions once a second


def sessions() -> int:
    time.sleep(SETTLE_S)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sessions FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_requests_share_connections(web: Live, cast: Cast) -> None:
    path = f"{web.url}/widget/v1/frame/{cast.acme.widget_key}/"
    before = sessions()
    for _ in range(REQUESTS):
        with urllib.request.urlopen(path, timeout=60) as answer:
            assert answer.status == 200
    assert sessions() - before < REQUESTS / 2
