"""A service with accounts for the tests: one account a role, and clients that signed in."""

import datetime as dt
import secrets
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

import httpx
from argon2 import PasswordHasher

from api.accounts.demo import DEMO_ROLES, OWNER
from api.accounts.passwords import Passwords
from api.main import create_app
from api.settings import Settings
from api.store import Store
from api.store.accounts import Rights
from tests.api.sample import ZONE, fill
from tests.api.serving import serving

PASSWORD = secrets.token_urlsafe(18)
SECRET = secrets.token_urlsafe(48)
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


# The real ones take 64 MiB and a tenth of a second each.
CHEAP = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)


def account_settings(place, **more):
    """Return settings of a service with accounts."""
    return Settings(**{"mode": "accounts", "secret": SECRET, "zone": ZONE} | more, store=str(place))


def add_everyone(store, *, zones=frozenset({ZONE}), hasher=CHEAP):
    """Add one account a role, such as "planner-1"."""
    with patch("api.accounts.passwords.PasswordHasher", hasher):
        hashed = Passwords().hashed(PASSWORD)
    for role in DEMO_ROLES:
        rights = Rights(role, zones, OWNER if role == "partner" else None)
        store.accounts.add(f"{role}-1", rights, hashed=hashed, now=NOW)


def filled(place, change=fill, hasher=CHEAP):
    """Make a store with the sample zone and one account a role."""
    store = Store(place)
    change(store)
    add_everyone(store, hasher=hasher)
    store.close()
    return place


@contextmanager
def guarded(place, *, hasher=CHEAP, **more):
    """Serve a store in accounts mode and yield a client that did not sign in."""
    with patch("api.accounts.passwords.PasswordHasher", hasher):
        app = create_app(account_settings(place, **more))
    with (
        serving(app) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client


def tokens_of(client, account, password=PASSWORD):
    """Return the tokens that an account's password is changed for."""
    form = {"grant_type": "password", "username": account, "password": password}
    answer = client.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(token):
    """Return the header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def signed_in(client, account):
    """Return the header of an account that signed in."""
    return bearer(tokens_of(client, account)["access_token"])
