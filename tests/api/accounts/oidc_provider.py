"""A small OpenID provider for the tests: a real server with real keys, which it changes."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT = "zone-console"
CLIENT_SECRET = secrets.token_urlsafe(16)
AUDIENCE = "zone-api"
SHARED = secrets.token_bytes(32)
"""A secret that the provider carelessly shows among its keys."""


def encoded(part):
    """Write bytes, or a JSON object, as tokens hold them."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Provider:
    """What the provider is and does; tests change it as they like."""

    def __init__(self):
        self.issuer = ""
        self.keys = {}
        self.shown = {}
        self.down = False
        self.ends_sessions = True
        self.asked = []
        self.codes = {}
        self.says = {"sub": "person-1", "smartzone_role": "officer", "smartzone_zones": ["sample"]}
        self.changes = {}
        self.rotate()

    def rotate(self, kind="RSA"):
        """Sign with a new key, and show it alone."""
        key = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key("P-256")
        self.key_id = secrets.token_hex(4)
        self.algorithm = "RS256" if kind == "RSA" else "ES256"
        self.keys[self.key_id] = key
        self.shown = {self.key_id: key}

    def token(self, *, header=None, key=None, algorithms=None, **claims):
        """Sign a token for a program; a claim of none is left out."""
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": AUDIENCE, "iat": now, "exp": now + 300} | self.says
        given = {name: value for name, value in (usual | claims).items() if value is not None}
        headers = {"alg": self.algorithm, "kid": self.key_id} | (header or {})
        headers = {name: value for name, value in headers.items() if value is not None}
        return jwt.encode(headers, given, key or self.keys[self.key_id], algorithms)

    def by_secret(self, secret, key_id):
        """Return a token that is signed by a secret."""
        header = encoded({"alg": "HS256", "kid": key_id})
        text = f"{header}.{self.token().split('.')[1]}"
        return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"

    def answer(self, path, form):
        """Return status and content for a path."""
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end" if self.ends_sessions else None,
            }
        if path == "/keys":
            shown = [
                key.as_dict(private=False) | {"kid": name, "use": "sig"}
                for name, key in self.shown.items()
            ]
            return 200, {"keys": [*shown, {"kty": "oct", "k": encoded(SHARED), "kid": "shared"}]}
        if path == "/token":
            return self.exchange(form)
        return 404, {}

    def exchange(self, form):
        """Change a code for a token, once, for whoever began with its verifier."""
        begun = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        wanted = begun and (begun["code_challenge"], begun["redirect_uri"])
        known = self.authorization == f"{CLIENT}:{CLIENT_SECRET}"
        if not known or wanted != (challenge, form.get("redirect_uri")):
            return 400, {"error": "invalid_grant"}
        told = {"aud": CLIENT, "nonce": begun["nonce"]} | self.changes
        return 200, {"id_token": self.token(**told), "token_type": "Bearer"}

    def sign_in(self, location):
        """Let a person agree at the address that a browser was sent to; return where it goes."""
        query = {name: found[0] for name, found in parse_qs(urlsplit(location).query).items()}
        assert query["code_challenge_method"] == "S256"
        assert query["client_id"] == CLIENT
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"


@contextmanager
def providing():
    """Serve a provider on a free port and yield it."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.reply({})

        def do_POST(self):
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            scheme, _, given = self.headers.get("Authorization", "").partition(" ")
            provider.authorization = base64.b64decode(given).decode() if scheme == "Basic" else ""
            self.reply({name: found[0] for name, found in parse_qs(text).items()})

        def reply(self, form):
            provider.asked.append(self.path)
            status, content = provider.answer(self.path, form)
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
