"""A simulation as bytes, and in a file: a header in JSON and the engine's state, under a checksum.

The bytes hold all that is needed to go on: the configuration, and every transaction, those that are scheduled
included, so that the payments file is not read again. What an earlier run streamed into a results directory
stays there; the header names it.

The checksum is against accidents. Whoever writes such bytes on purpose can make it agree, so that nothing in
the header is believed before it has been checked.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import struct
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from payment_simulator.errors import SnapshotError

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

_MAGIC: Final = b"PAYSIMRUN\r\n"
_VERSION: Final = 1
_START: Final = struct.Struct(f"<{len(_MAGIC)}sI32sQ")
"""Name, version, SHA-256 of what follows, length of the header."""
_LENGTH: Final = struct.Struct("<Q")

_Count = Annotated[int, Field(ge=0, lt=1 << 63)]


class Header(BaseModel):
    """What a saved simulation consists of besides its engine.

    Attributes:
        config: The configuration, as in YAML; not checked here.
        config_file: The file of it, as the user wrote it.
        payments_digest: The SHA-256 of the payments file.
        submissions: What was submitted besides; see `Submissions`.
        streamed: The results directory that holds what has left the engine's memory.
        seconds: How long running took, in wall-clock time.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    config: dict[str, Any]
    config_file: str | None
    payments_digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None
    submissions: tuple[_Count, _Count, _Count]
    streamed: Annotated[str, Field(min_length=1, pattern=r"^[^\x00]+$")] | None
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)]


def pack(header: Header, engine: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a saved simulation in three pieces, which belong one after the other."""
    text = header.model_dump_json().encode()
    digest = hashlib.sha256(_LENGTH.pack(len(text)) + text)
    digest.update(engine)
    return _START.pack(_MAGIC, _VERSION, digest.digest(), len(text)), text, engine


def unpack(data: Buffer, name: str | Path) -> tuple[Header, memoryview]:
    """Return the header and the engine's state of a saved simulation, which messages call `name`.

    Nothing is opened that the header names, and the state is only looked at as bytes.

    Raises:
        SnapshotError: It is no saved simulation, of another version, or damaged.
    """
    view = memoryview(data).cast("B")
    if len(view) < _START.size or bytes(view[: len(_MAGIC)]) != _MAGIC:
        message = f"{name} is not a saved simulation"
        raise SnapshotError(message)
    _, version, digest, length = _START.unpack_from(view)
    if version != _VERSION:
        message = f"{name} has format version {version}; this program reads {_VERSION}"
        raise SnapshotError(message)
    if hashlib.sha256(view[_START.size - _LENGTH.size :]).digest() != digest:
        message = f"{name} is damaged: its checksum does not agree"
        raise SnapshotError(message)
    rest = view[_START.size :]
    if length > len(rest):
        message = f"{name} is damaged: its header is to have {length} bytes, where {len(rest)} are left"
        raise SnapshotError(message)
    return _header(bytes(rest[:length]), name), rest[length:]


def write_saved(path: Path, header: Header, engine: bytes) -> None:
    """Write a file that is there as a whole or not at all, even if the power fails.

    Raises:
        OSError: It cannot be written; an earlier file of this name is as before.
    """
    pieces = pack(header, engine)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_directory(path.parent)


def read_saved(path: Path) -> tuple[Header, memoryview]:
    """Return the header and the engine's state of the simulation in a file, like `unpack`.

    Raises:
        OSError: The file cannot be read.
        SnapshotError: It is no saved simulation, of another version, or damaged.
    """
    return unpack(path.read_bytes(), path)


def problem_of(error: ValidationError) -> str:
    """Return the first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]


def _header(text: bytes, name: str | Path) -> Header:
    try:
        return Header.model_validate_json(text)
    except ValidationError as error:
        message = f"{name} is damaged: its header is not right: {problem_of(error)}"
        raise SnapshotError(message) from error


def _sync_directory(directory: Path) -> None:
    """Make a new name last; only where directories can be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
