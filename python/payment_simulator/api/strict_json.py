"""JSON read strictly: what two readers could understand differently is refused, and nothing crashes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from payment_simulator.config.written import WrittenFloat
from payment_simulator.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")


def read_json(body: bytes | bytearray) -> Any:  # noqa: ANN401  (JSON is anything)
    """Return the value that a body in JSON has; numbers with a point remember how they were written.

    Raises:
        RequestError: It is no JSON, has a key twice, a number that is none, or a character that is none.
    """
    if not body:
        raise RequestError("the body is empty; it must be JSON")
    try:
        text = body.decode()
        value = json.loads(
            text, object_pairs_hook=_without_twins, parse_constant=_no_number, parse_float=WrittenFloat
        )
    except UnicodeDecodeError as error:
        message = f"the body is not in UTF-8, at byte {error.start}"
        raise RequestError(message) from None
    except json.JSONDecodeError as error:
        message = f"the body is no JSON: {error.msg}, at line {error.lineno}, column {error.colno}"
        raise RequestError(message) from None
    except RecursionError:
        raise RequestError("the body is nested too deeply") from None
    except RequestError:
        raise
    except ValueError:
        raise RequestError("the body has a number with too many digits") from None
    if "\\u" in text and any(_NO_TEXT.search(found) for found in _texts(value)):
        raise RequestError("the body has a text with \\u0000 or half of a surrogate pair")
    return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        message = f"the body has the key {twin!a} twice in the same object"
        raise RequestError(message)
    return value


def _no_number(name: str) -> NoReturn:
    message = f"the body has {name}, which is no number in JSON"
    raise RequestError(message)


def _texts(value: object) -> Iterator[str]:
    """Yield every text of a value, keys included."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as inner:
                waiting += [*inner.keys(), *inner.values()]
            case list() as inner:
                waiting += inner
