"""A small OpenID Connect provider on this machine that really signs: discovery, keys, authorize, token and userinfo over HTTP.

`says` changes what it puts into the ID token, `lies` what it does wrong. authlib would not make it shorter.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "wutong", "client secret"


@dataclass
class Provider:
    """What the provider knows and does."""

    address: str = ""
    says: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    stranger: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    asked: list[str] = field(default_factory=list)

    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        found = {f"{name}_endpoint": f"{self.address}/{path}" for name, path in ends.items()}
        methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return {"issuer": self.address, "jwks_uri": f"{self.address}/jwks", **found, **methods, **self.lies.get("discovery", {})}

    def jwks(self) -> dict[str, Any]:
        """Its public key."""
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def id_token(self, nonce: str) -> str:
        """Who logged in, signed."""
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + 60, "nonce": nonce, **self.says}
        said = {name: value for name, value in said.items() if value is not None}
        how = self.lies.get("signing", "RS256")
        if how == "none":
            return jwt.encode(said, None, "none", headers={"kid": "one"})
        if how == "HS256":  # the public key taken for a shared secret
            return jwt.encode(said, self.jwks()["keys"][0]["n"], "HS256", headers={"kid": "one"})
        return jwt.encode(said, self.stranger if how == "stranger" else self.key, "RS256", headers={"kid": "one"})

    def code_for(self, query: dict[str, str]) -> str:
        """A code for a log-in that is asked for."""
        assert query["client_id"] == CLIENT and query["code_challenge_method"] == "S256" and "openid" in query["scope"]
        code = f"code{len(self.codes)}"
        self.codes[code] = query
        return code

    def tokens(self, form: dict[str, str]) -> dict[str, Any] | None:
        """ID token and access token for a code, once, for whoever began and knows the secret."""
        query = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if query is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query["code_challenge"]:
            return None
        if (form["client_id"], form["client_secret"], form["redirect_uri"]) != (CLIENT, SECRET, query["redirect_uri"]):
            return None
        return {"access_token": "access", "token_type": "Bearer", "id_token": self.id_token(query["nonce"])}

    def userinfo(self) -> dict[str, Any]:
        """More of the person."""
        return {"sub": "s-1", **self.lies.get("userinfo", {})}


@contextmanager
def running() -> Iterator[Provider]:
    """The provider, answering until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                back = f"{query['redirect_uri']}?{urlencode({'code': provider.code_for(query), 'state': query['state']})}"
                self._send(302, {}, Location=back)
            elif parts.path.endswith("/openid-configuration"):
                self._send(302 if "moved" in provider.lies else 200, provider.discovery(), Location=provider.lies.get("moved", ""))
            else:
                self._send(200, provider.jwks() if parts.path == "/jwks" else provider.userinfo())

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found = provider.tokens({name: values[0] for name, values in parse_qs(text).items()})
            self._send(200 if found else 400, found or {"error": "invalid_grant"})

        def _send(self, status: int, body: dict[str, Any], **headers: str) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
