"""The key of the audit: made once, for its owner alone, and never another in its place."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.audit.keys import SigningKey, is_public_key, is_signed
from api.store.audit_records import Head
from geo.errors import SourceError


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "key.pem"
    made = SigningKey.load_or_make(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key.pem"]
    assert SigningKey.load_or_make(path).public == made.public
    assert is_public_key(made.public)


def test_of_several_makers_one_wins(tmp_path):
    path = tmp_path / "key.pem"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: SigningKey.load_or_make(path).public, range(16)))
    assert len(set(keys)) == 1


def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "key.pem"
    SigningKey.load_or_make(path)
    path.chmod(0o640)
    with pytest.raises(SourceError, match=r"owner alone \(0600\), got 0640"):
        SigningKey.load_or_make(path)


def test_what_is_no_such_key_is_refused(tmp_path):
    path = tmp_path / "key.pem"
    other = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for text in (b"", b"nothing", other):
        path.write_bytes(text)
        path.chmod(0o600)
        with pytest.raises(SourceError, match="Expected an Ed25519 key"):
            SigningKey.load(path)
    with pytest.raises(SourceError, match="Expected the key of the audit"):
        SigningKey.load(tmp_path / "absent.pem")


def test_a_head_is_good_only_as_it_was_signed(tmp_path):
    key = SigningKey.load_or_make(tmp_path / "key.pem")
    bare = Head(3, "ab" * 32, "2026-03-01T00:00:00+00:00", key.public, "")
    head = dataclasses.replace(bare, signature=key.sign(bare.signed()))
    assert is_signed(head, key.public)
    assert not is_signed(dataclasses.replace(head, seq=4), key.public)
    assert not is_signed(dataclasses.replace(head, signature=head.signature.upper()), key.public)
    assert not is_signed(head, "ed25519:" + "0" * 64)
