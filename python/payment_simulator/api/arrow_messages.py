"""Looking into the messages of an Arrow stream before the library unpacks them.

A compressed buffer says how large it is when unpacked, and the library believes it: a small body could take
all memory. The library does not show whether a message is compressed, so its header, a FlatBuffer, is read
here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

_ipc: Any = pa.ipc
_HEADER_TYPE, _HEADER = 1, 2
"""Fields of the table Message."""
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
"""Values of its header type."""
_DATA: Final = 1
"""The field of the table DictionaryBatch that holds a RecordBatch."""
_COMPRESSION: Final = 3
"""The field of the table RecordBatch that is there when its buffers are compressed."""


def has_compressed_buffers(body: bytes | bytearray) -> bool:
    """Return whether a message of an Arrow stream is compressed.

    Raises:
        ArrowException: It is no Arrow stream.
        ValueError: A message has a header that is none.
    """
    return any(_is_compressed(bytes(message.metadata)) for message in _messages(body))


def _messages(body: bytes | bytearray) -> Iterator[Any]:
    reader = _ipc.MessageReader.open_stream(pa.py_buffer(body))
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _is_compressed(metadata: bytes) -> bool:
    try:
        message = _table_at(metadata, 0)
        place = _field(metadata, message, _HEADER_TYPE)
        kind = 0 if place is None else metadata[place]
        header = _field(metadata, message, _HEADER)
        if header is None or kind not in {_DICTIONARY_BATCH, _RECORD_BATCH}:
            return False
        batch = _table_at(metadata, header)
        if kind == _DICTIONARY_BATCH:
            data = _field(metadata, batch, _DATA)
            if data is None:
                return False
            batch = _table_at(metadata, data)
        return _field(metadata, batch, _COMPRESSION) is not None
    except (struct.error, IndexError) as error:
        raise ValueError("a message of it has a damaged header") from error


def _table_at(data: bytes, place: int) -> int:
    """Return where the table is that the offset at a place leads to."""
    (offset,) = struct.unpack_from("<I", data, place)
    return place + int(offset)


def _field(data: bytes, table: int, number: int) -> int | None:
    """Return where a table's field is; None when it is not there."""
    (back,) = struct.unpack_from("<i", data, table)
    slots = table - back
    (size,) = struct.unpack_from("<H", data, slots)
    slot = 4 + 2 * number
    if slot + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", data, slots + slot)
    return table + int(offset) if offset else None
