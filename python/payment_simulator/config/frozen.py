"""A dict that nobody can change."""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar

V = TypeVar("V")


class FrozenDict(dict[str, V], Generic[V]):
    """A dict whose content is fixed when it is made; it is hashable when its values are."""

    __slots__ = ()

    def _refuse(self, *_arguments: object, **_named: object) -> NoReturn:
        raise TypeError("a configuration cannot be changed; make a new one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[V]], tuple[dict[str, V]]]:
        return FrozenDict, (dict(self),)

    def __copy__(self) -> FrozenDict[V]:
        return self

    def __deepcopy__(self, _memo: object) -> FrozenDict[V]:
        return self
