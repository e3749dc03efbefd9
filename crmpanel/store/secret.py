"""The secret of a database, by which it knows again what it has given out itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from crmpanel.query.query import Query
from crmpanel.store.database import Database

_KEY = "secret"
_FIND = Query("SELECT value FROM crm_meta WHERE key = ?", (_KEY,))


def derived(database: Database, *purpose: str) -> bytes:
    """A key for one purpose: always the same, and of no use for any other or to find the secret.

    Parameters
    ----------
    database : an open database; its secret is made when a key is first asked for.
    purpose : words that tell this purpose from others.
    """
    words = b"".join(len(word.encode()).to_bytes(4, "big") + word.encode() for word in purpose)
    return hmac.new(_secret(database), words, hashlib.sha256).digest()


def _secret(database: Database) -> bytes:
    found = database.rows(_FIND)
    if not found:
        with database.load("Secret", "secret") as load:
            # Another thread may have been quicker.
            sql = "INSERT INTO crm_meta VALUES (?, ?) ON CONFLICT DO NOTHING"
            load.execute(sql, [_KEY, secrets.token_hex(32)])
        found = database.rows(_FIND)
    return bytes.fromhex(found[0][0])
