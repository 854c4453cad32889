"""Passwords: Argon2id, one way of writing Thai and accents, and weak ones refused."""

import pytest

from api.accounts.passwords import LONGEST, Passwords, refuse_weak
from geo.errors import ParameterError

SENTENCE = "ตลาดใหญ่ five-foot way"


def test_a_password_matches_its_own_hash_alone():
    passwords = Passwords()
    hashed = passwords.hashed(SENTENCE)
    assert hashed.startswith("$argon2id$")
    assert SENTENCE not in hashed
    assert passwords.match(hashed, SENTENCE)
    assert not passwords.match(hashed, SENTENCE + " ")
    assert hashed != passwords.hashed(SENTENCE)


def test_one_password_composed_in_two_ways_is_one():
    passwords = Passwords()
    assert passwords.match(passwords.hashed("caf\u00e9 at the corner"), "cafe\u0301 at the corner")


@pytest.mark.parametrize("hashed", [None, "", "no hash", "$argon2id$v=19$broken"])
def test_where_there_is_no_hash_nothing_matches(hashed):
    assert not Passwords().match(hashed, "nobody's password")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", "got 0"),
        ("x" * 14, "of 15 to 1,024 characters, got 14"),
        ("abcdefghijklmno" * 100, f"{LONGEST:,} characters, got 1500"),
        ("abababababababab", "at least 5 different characters"),
        ("My-Officer-1-password", "without the id"),
    ],
)
def test_a_weak_password_is_refused_and_not_shown(password, expected):
    with pytest.raises(ParameterError, match=expected) as refused:
        refuse_weak(password, account_id="officer-1")
    assert not password or password not in str(refused.value)


def test_a_sentence_in_thai_is_taken():
    refuse_weak("เดินกลับบ้านตอนสามทุ่ม", account_id="officer-1")
