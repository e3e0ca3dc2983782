"""The sealed key of a study: which item is whose, readable with the coordinator's passphrase only.

AES-256-GCM (NIST SP 800-38D) under a key that scrypt (RFC 7914) makes of the passphrase. GCM also
notices a single altered byte. Who forgets the passphrase can't unblind the study: nothing else
opens the key.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.errors import StudyError, UsageError
from app.files import write_text

FORMAT: Final = "readingroom-sealed-key-1"
SHORTEST: Final = 8
_COST: Final = {"n": 2**16, "r": 8, "p": 1}
"""64 MiB and some tenths of a second for every guess at the passphrase."""


def seal(content: Mapping[str, Any], passphrase: str, file: Path) -> None:
    """Write ``content`` (as JSON) to ``file``, sealed.

    Raises :class:`UsageError` for a passphrase under :data:`SHORTEST` characters and
    :class:`app.errors.StoreError` when the file can't be written.
    """
    check_passphrase(passphrase)
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    plain = json.dumps(content, sort_keys=True).encode()
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, FORMAT.encode())
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    texts = {name: base64.b64encode(part).decode() for name, part in parts.items()}
    write_text(file, json.dumps({"format": FORMAT, **texts}, indent=1) + "\n")
    file.chmod(0o600)


def opened(file: Path, passphrase: str) -> dict[str, Any]:
    """What is sealed in ``file``.

    Raises :class:`StudyError` for a missing or altered file and for a wrong passphrase; the last
    two can't be told apart, which is the point of the seal.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError("another format")
        salt, nonce, sealed = (
            base64.b64decode(found[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
    except FileNotFoundError as error:
        raise StudyError(
            f"There is no key file {file}.", "Name the place that it was moved to with --key."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StudyError(
            f"{file} is not the sealed key of a study, or it is damaged.",
            "Take the copy that was made at the freeze.",
        ) from error
    try:
        plain = AESGCM(_derived(passphrase, salt)).decrypt(nonce, sealed, FORMAT.encode())
    except (InvalidTag, ValueError) as error:
        raise StudyError(
            f"The key {file} doesn't open: the passphrase is wrong, or the file was altered.",
            "Try the passphrase again, or take the copy that was made at the freeze.",
        ) from error
    content: dict[str, Any] = json.loads(plain)
    return content


def check_passphrase(passphrase: str) -> None:
    """Raises :class:`UsageError` for a passphrase that is too short."""
    if len(passphrase) < SHORTEST:
        raise UsageError(
            f"The passphrase has fewer than {SHORTEST} characters.",
            "Choose a longer one and keep it apart from this computer: nothing else opens the key.",
        )


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **_COST).derive(passphrase.encode())
