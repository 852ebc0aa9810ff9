"""Secrets of others that have to be kept and used again: encrypted with a key derived from SECRET_KEY, never shown."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class NoKey(Exception):  # noqa: N818
    """What was sealed cannot be opened: SECRET_KEY is another one now."""


def _box() -> Fernet:
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"wutong.jobs.robots").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def sealed(text: str) -> str:
    """A text encrypted for keeping."""
    return _box().encrypt(text.encode()).decode()


def unsealed(text: str) -> str:
    """What was encrypted for keeping. Raises: NoKey."""
    try:
        return _box().decrypt(text.encode()).decode() if text else ""
    except InvalidToken as error:
        raise NoKey from error
