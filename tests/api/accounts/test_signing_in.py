"""Whom attempts that fail keep out: whoever tries, not the owner of the account."""

import datetime as dt
from unittest.mock import patch

import pytest

from api.accounts.passwords import Passwords
from api.accounts.signing_in import _FREE_EVERYWHERE, Entrance, RefusedSignInError
from api.accounts.tokens import Tokens
from api.errors import TooManyError
from api.store import Store
from api.store.accounts import Rights
from tests.api.signing import CHEAP, PASSWORD

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def sign_in(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    with patch("api.accounts.passwords.PasswordHasher", CHEAP):
        passwords = Passwords()
    hashed = passwords.hashed(PASSWORD)
    store.accounts.add("officer-1", Rights("officer", None), hashed=hashed, now=NOW)
    tokens = Tokens(b"s" * 32)
    entrance = Entrance(store, book=store.accounts, tokens=tokens, passwords=passwords)

    def enter(password, address, *, now=NOW):
        try:
            return entrance.sign_in("officer-1", password, address=address, now=now)
        except (RefusedSignInError, TooManyError) as error:
            return type(error)

    yield enter
    store.close()


def test_whoever_tries_an_account_does_not_keep_its_owner_out(sign_in):
    tried = [sign_in("x" * 15, "192.0.2.7") for _ in range(9)]
    assert tried == [RefusedSignInError] * 5 + [TooManyError] * 4
    assert sign_in(PASSWORD, "192.0.2.7") is TooManyError
    assert sign_in(PASSWORD, "192.0.2.8").subject == "officer-1"
    # That its owner signed in gives whoever tries no further attempts.
    assert sign_in("x" * 15, "192.0.2.7") is TooManyError


def test_many_addresses_may_not_try_without_end(sign_in):
    tried = [sign_in("x" * 15, f"192.0.2.{number // 5}") for number in range(_FREE_EVERYWHERE + 9)]
    assert tried.count(RefusedSignInError) == _FREE_EVERYWHERE
    assert sign_in(PASSWORD, "198.51.100.1") is TooManyError
    later = NOW + dt.timedelta(minutes=1)
    assert sign_in(PASSWORD, "198.51.100.1", now=later).subject == "officer-1"
