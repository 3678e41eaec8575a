"""A simulation in a file: a header in JSON and the engine's state, under a checksum.

The file holds all that is needed to go on: the configuration, and every transaction, those that are scheduled
included, so that the payments file is not read again. What an earlier run streamed into a results directory
stays there; the header names it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import struct
from typing import TYPE_CHECKING, Any, Final

from payment_simulator.errors import SnapshotError

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC: Final = b"PAYSIMRUN\r\n"
_VERSION: Final = 1
_START: Final = struct.Struct(f"<{len(_MAGIC)}sI32sQ")
"""Name, version, SHA-256 of what follows, length of the header."""
_LENGTH: Final = struct.Struct("<Q")


def write_saved(path: Path, header: dict[str, Any], engine: bytes) -> None:
    """Write a file that is there as a whole or not at all, even if the power fails.

    Raises:
        OSError: It cannot be written; an earlier file of this name is as before.
    """
    text = json.dumps(header, ensure_ascii=False).encode()
    digest = hashlib.sha256(_LENGTH.pack(len(text)) + text)
    digest.update(engine)
    start = _START.pack(_MAGIC, _VERSION, digest.digest(), len(text))
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            file.writelines((start, text, engine))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_directory(path.parent)


def read_saved(path: Path) -> tuple[dict[str, Any], memoryview]:
    """Return the header and the engine's state.

    Raises:
        OSError: The file cannot be read.
        SnapshotError: It is no saved simulation, of another version, or damaged.
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC) or len(data) < _START.size:
        message = f"{path} is not a saved simulation"
        raise SnapshotError(message)
    _, version, digest, length = _START.unpack_from(data)
    if version != _VERSION:
        message = f"{path} has format version {version}; this program reads {_VERSION}"
        raise SnapshotError(message)
    if hashlib.sha256(memoryview(data)[_START.size - _LENGTH.size :]).digest() != digest:
        message = f"{path} is damaged: its checksum does not agree"
        raise SnapshotError(message)
    rest = memoryview(data)[_START.size :]
    header: dict[str, Any] = json.loads(bytes(rest[:length]))
    return header, rest[length:]


def _sync_directory(directory: Path) -> None:
    """Make a new name last; only where directories can be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
