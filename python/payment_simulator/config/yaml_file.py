"""Reading a YAML file into plain values that remember on which line they stand.

PyYAML's libyaml parser finds the structure; values are made here, because a configuration wants more than a
general reader gives: the line of every key, an error for a key that stands twice, decimals with their text,
and limits, so that no file takes all memory.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from payment_simulator.config.yaml_scalars import Scalar, read_plain
from payment_simulator.errors import ConfigError

if TYPE_CHECKING:
    from payment_simulator.config.problems import Location

DEPTH_MAX = 50
VALUES_MAX = 20_000_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STRING_TAG = "tag:yaml.org,2002:str"
_COLLECTION_TAGS = (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_MERGE = "<<"


@dataclass(slots=True)
class Place:
    """Where a list or mapping stands: its line, those of its entries in order, and the places inside it."""

    line: int
    lines: array[int] = field(default_factory=lambda: array("L"))
    inner: dict[str | int, Place] = field(default_factory=dict)
    size: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML document: its value, where everything in it stands, and the keys that stand twice."""

    value: object
    place: Place | None
    duplicates: tuple[tuple[Location, int, int], ...]

    def line_of(self, location: Location) -> int:
        """Return the line of what stands at `location`, or of the nearest thing around it."""
        value, place, line = self.value, self.place, self.place.line if self.place else 1
        for part in location:
            index = _index(value, part)
            if place is None or index is None:
                break
            line = place.lines[index]
            place = place.inner.get(part)
            value = value[part]  # type: ignore[index]
        return line


def _index(value: object, part: str | int) -> int | None:
    if isinstance(value, list):
        return part if isinstance(part, int) and part < len(value) else None
    if isinstance(value, dict) and part in value:
        return next(index for index, key in enumerate(value) if key == part)
    return None


def read_yaml(text: str, name: str) -> Document:
    """Return the only document of a YAML text.

    Args:
        text: The file's text.
        name: The file's name, for messages.

    Raises:
        ConfigError: When the text is not YAML, or asks for more than a configuration needs.
    """
    reader = _Reader(text, name)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_message(error, text, name)) from None
    except yaml.YAMLError as error:
        message = f"{name} is not YAML: {error}"
        raise ConfigError(message) from None


def _syntax_message(error: yaml.MarkedYAMLError, text: str, name: str) -> str:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    message = f"{name}: line {line + 1}: not YAML: {error.problem or 'it cannot be read'}"
    if error.context:
        message += f" ({error.context})"
    written = next(islice(text.splitlines(), line, None), "")
    return message + (
        "; indent with spaces, not with tabs"
        if "\t" in written[: len(written) - len(written.lstrip())]
        else ""
    )


class _Reader:
    """Makes values from the events of the YAML parser."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._parser = _Loader(text)
        self._next = self._parser.get_event
        self._words: dict[str, Scalar] = {}
        self._keys: dict[str, str] = {}
        self._anchors: dict[str, tuple[object, Place | None]] = {}
        self._path: list[str | int] = []
        self._size = 0
        self._duplicates: list[tuple[Location, int, int]] = []

    def document(self) -> Document:
        """Return the document, and see that it is the only one."""
        self._next()
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._refuse(1, "the file is empty")
        value, place = self._value(self._next())
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            self._refuse(event.start_mark.line + 1, "a second document begins here; a configuration has one")
        return Document(value, place, tuple(self._duplicates))

    def _refuse(self, line: int, message: str) -> NoReturn:
        text = f"{self._name}: line {line}: {message}"
        raise ConfigError(text)

    def _value(self, event: Any) -> tuple[object, Place | None]:  # noqa: ANN401
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value: object = self._scalar(event)
            place = None
        elif kind is yaml.AliasEvent:
            return self._alias(event)
        else:
            value, place = self._collection(event, kind is yaml.MappingStartEvent)
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, place)
        return value, place

    def _scalar(self, event: Any) -> Scalar:  # noqa: ANN401
        text: str = event.value
        if event.tag not in (None, "!", _STRING_TAG):
            self._refuse(event.start_mark.line + 1, f"the tag {event.tag} has no meaning here")
        if event.tag is not None or not event.implicit[0]:
            return text
        if text not in self._words:
            self._words[text] = read_plain(text)
        return self._words[text]

    def _alias(self, event: Any) -> tuple[object, Place | None]:  # noqa: ANN401
        line = event.start_mark.line + 1
        if event.anchor not in self._anchors:
            self._refuse(
                line, f"*{event.anchor} stands for nothing: no &{event.anchor} was completed before it"
            )
        value, place = self._anchors[event.anchor]
        self._grow(place.size if place else 1, line)
        return value, place

    def _grow(self, size: int, line: int) -> None:
        self._size += size
        if self._size > VALUES_MAX:
            self._refuse(line, f"the file holds more than {VALUES_MAX:,} values, aliases counted in full")

    def _collection(self, event: Any, is_mapping: bool) -> tuple[object, Place]:  # noqa: ANN401, FBT001
        place = Place(event.start_mark.line + 1)
        if event.tag not in _COLLECTION_TAGS:
            self._refuse(place.line, f"the tag {event.tag} has no meaning here")
        if len(self._path) >= DEPTH_MAX:
            self._refuse(place.line, f"the file is nested more than {DEPTH_MAX} levels deep")
        before = self._size
        value: object = self._mapping(place) if is_mapping else self._list(place)
        self._grow(1, place.line)
        place.size = self._size - before
        return value, place

    def _list(self, place: Place) -> list[object]:
        items: list[object] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            line = event.start_mark.line + 1
            items.append(self._inner(event, len(items), place))
            place.lines.append(line)
            self._grow(1, line)
        return items

    def _mapping(self, place: Place) -> dict[str, object]:
        entries: dict[str, object] = {}
        merged: list[tuple[object, int]] = []
        while type(event := self._next()) is not yaml.MappingEndEvent:
            line = event.start_mark.line + 1
            key = self._key(event, line)
            if key == _MERGE and event.implicit[0]:
                merged.append((self._value(self._next())[0], line))
            elif key in entries:
                self._duplicates.append(((*self._path, key), line, place.lines[list(entries).index(key)]))
                self._value(self._next())
            else:
                entries[key] = self._inner(self._next(), key, place)
                place.lines.append(line)
            self._grow(1, line)
        for source, line in merged:
            self._merge(source, line, entries, place)
        return entries

    def _inner(self, event: Any, key: str | int, place: Place) -> object:  # noqa: ANN401
        """Return the value of an entry, and keep its place when it has entries itself."""
        if type(event) is yaml.ScalarEvent and event.anchor is None:
            return self._scalar(event)
        self._path.append(key)
        value, inner = self._value(event)
        self._path.pop()
        if inner is not None:
            place.inner[key] = inner
        return value

    def _key(self, event: Any, line: int) -> str:  # noqa: ANN401
        if type(event) is not yaml.ScalarEvent:
            self._refuse(line, "a key must be plain text")
        text: str = event.value
        return self._keys.setdefault(text, text)

    def _merge(self, source: object, line: int, entries: dict[str, object], place: Place) -> None:
        """Add the entries of `source`, a mapping or a list of them, that are not there yet."""
        sources = source if isinstance(source, list) else [source]
        for mapping in sources:
            if not isinstance(mapping, dict):
                self._refuse(line, "<< must be followed by a mapping or a list of mappings")
            for key, value in mapping.items():
                if key not in entries:
                    entries[key] = value
                    place.lines.append(line)
            self._grow(len(mapping), line)
