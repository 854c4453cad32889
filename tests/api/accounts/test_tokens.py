"""Tokens: what is not signed by this service, for this purpose, at this time, is none."""

import base64
import datetime as dt
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from api.accounts import tokens as module
from api.accounts.tokens import ACCESS, BadTokenError, Tokens
from api.store.accounts import Rights
from api.store.sessions import SignedIn

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
TOKENS = Tokens(b"k" * 32)
SESSION = SignedIn(
    "s1", "officer-1", Rights("officer", frozenset({"sample"})), NOW + 600 * MINUTE, 1
)
TOKEN = TOKENS.access(SESSION, now=NOW, lifetime=ACCESS)
REFRESH = TOKENS.refresh("s1", generation=3, expires_at=SESSION.expires_at)


def parts(token):
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    ]


def encoded(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def test_a_token_leads_to_its_session_and_says_what_it_gives():
    assert TOKENS.read_access(TOKEN, now=NOW) == "s1"
    header, claims = parts(TOKEN)
    assert header == {"typ": "JWT", "alg": "HS256"}
    assert claims["sub"] == "officer-1"
    assert (claims["role"], json.loads(claims["zones"])) == ("officer", ["sample"])
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert parts(TOKENS.access(SESSION, now=NOW, lifetime=ACCESS))[1]["jti"] != claims["jti"]


def test_a_refresh_token_leads_to_its_session_and_number():
    assert TOKENS.read_refresh(REFRESH, now=NOW) == ("s1", 3)


def test_no_token_serves_longer_than_its_session():
    short = TOKENS.access(SESSION, now=SESSION.expires_at - MINUTE, lifetime=ACCESS)
    assert parts(short)[1]["exp"] == int(SESSION.expires_at.timestamp())


def test_an_expired_token_is_refused():
    assert TOKENS.read_access(TOKEN, now=NOW + ACCESS - MINUTE)
    with pytest.raises(BadTokenError):
        TOKENS.read_access(TOKEN, now=NOW + ACCESS + MINUTE)


def test_a_token_of_one_kind_is_none_of_another():
    sealed = TOKENS.sealed({"state": "x"}, expires_at=NOW + MINUTE)
    for read, wrong in (
        (TOKENS.read_access, (REFRESH, sealed)),
        (TOKENS.read_refresh, (TOKEN, sealed)),
        (TOKENS.unsealed, (TOKEN, REFRESH)),
    ):
        for token in wrong:
            with pytest.raises(BadTokenError):
                read(token, now=NOW)


def test_what_a_browser_keeps_is_hidden_and_ends():
    sealed = TOKENS.sealed({"verifier": "unseen"}, expires_at=NOW + MINUTE)
    assert TOKENS.unsealed(sealed, now=NOW) == {"verifier": "unseen"}
    assert "unseen" not in sealed
    for token, now in ((sealed, NOW + 2 * MINUTE), (sealed[:-2], NOW), ("", NOW)):
        with pytest.raises(BadTokenError):
            TOKENS.unsealed(token, now=now)


def forged(**changes):
    header, claims = parts(TOKEN)
    return jwt.encode(header, claims | changes, TOKENS._access, ["HS256"])


def signed(header):
    text = f"{encoded(header)}.{TOKEN.split('.')[1]}"
    digest = hmac.digest(TOKENS._access.raw_value, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_the_signature_made_here_is_the_right_one():
    assert TOKENS.read_access(signed({"alg": "HS256"}), now=NOW) == "s1"


RSA = RSAKey.generate_key(2048)
FORGERIES = {
    "another secret": Tokens(b"j" * 32).access(SESSION, now=NOW, lifetime=ACCESS),
    "no signature": TOKEN.rsplit(".", 1)[0] + ".",
    "alg none": f"{encoded({'alg': 'none'})}.{TOKEN.split('.')[1]}.",
    "alg none, signature kept": f"{encoded({'alg': 'none'})}.{TOKEN.split('.', 1)[1]}",
    "alg RS256": jwt.encode({"alg": "RS256"}, parts(TOKEN)[1], RSA),
    "alg HS512": jwt.encode({"alg": "HS512"}, parts(TOKEN)[1], TOKENS._access, ["HS512"]),
    "other claims": ".".join(
        (TOKEN.split(".")[0], encoded(parts(TOKEN)[1] | {"role": "commander"}), TOKEN[-43:])
    ),
    "an unknown extension": signed({"alg": "HS256", "crit": ["x"], "x": 1}),
    "another issuer": forged(iss="elsewhere"),
    "another audience": forged(aud="elsewhere"),
    "no expiry": forged(exp=None),
    "expiry no number": forged(exp="never"),
    "not yet": forged(nbf=int(NOW.timestamp()) + 900),
    "no session": forged(sid=None),
    "twice the size of a header": TOKEN + "a" * 20_000,
    "empty": "",
    "deep": f"{encoded({'alg': 'HS256'})}.{base64.urlsafe_b64encode(b'[' * 5_000).decode()}.x",
}


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_refused_and_why_is_not_told(token):
    with pytest.raises(BadTokenError, match="not valid here, or has ended"):
        TOKENS.read_access(token, now=NOW)


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_token_or_refused(text):
    for read in (TOKENS.read_access, TOKENS.read_refresh, TOKENS.unsealed):
        with pytest.raises(BadTokenError):
            read(text, now=NOW)


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="ascii"))
def test_no_character_of_a_token_can_be_changed(place, character):
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    # The last character of base64 also holds bits that mean nothing; joserfc may overlook them.
    if changed == TOKEN or place == len(TOKEN) - 1:
        return
    with pytest.raises(BadTokenError):
        TOKENS.read_access(changed, now=NOW)


def test_the_tests_find_a_reader_that_believes_the_header(monkeypatch):
    monkeypatch.setattr(module, "_ALGORITHMS", ["HS256", "HS512", "none"])
    key = OctKey.import_key(TOKENS._access.as_dict(private=True))
    token = jwt.encode({"alg": "HS512"}, parts(TOKEN)[1], key, ["HS512"])
    assert TOKENS.read_access(token, now=NOW) == "s1"


def test_marks_hide_what_they_stand_for_and_depend_on_the_secret():
    mark = TOKENS.mark("account", "officer-1")
    assert mark == TOKENS.mark("account", "officer-1")
    assert "officer" not in mark
    others = {
        TOKENS.mark("address", "officer-1"),
        TOKENS.mark("account", "officer-2"),
        Tokens(b"j" * 32).mark("account", "officer-1"),
    }
    assert mark not in others
    assert len(others) == 3
