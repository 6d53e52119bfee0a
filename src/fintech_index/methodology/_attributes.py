"""What a reader of a methodology sees of it: its keys and its own methods, and no attributes of pydantic."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from fintech_index.errors import MethodologyError, did_you_mean, shown
from fintech_index.methodology._shapes import paths_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class MethodologyAttributeError(MethodologyError, AttributeError):
    """A methodology has no such attribute, or it was to be changed in place."""


class Readable(BaseModel):
    """A model whose attributes are its keys, and which does not change."""

    def __dir__(self) -> Iterable[str]:
        return [name for name in super().__dir__() if name not in _hidden(type(self))]

    if not TYPE_CHECKING:  # a type checker finds unknown attributes by itself

        def __getattr__(self, name: str) -> Any:
            try:
                return super().__getattr__(name)
            except AttributeError:
                if name.startswith("_"):
                    raise
            raise MethodologyAttributeError(_no_such(type(self), name))

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise MethodologyAttributeError(_not_in_place(type(self), name, f" to {shown(value)}"))
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if not name.startswith("_"):
            raise MethodologyAttributeError(_not_in_place(type(self), name, ""))
        super().__delattr__(name)


@cache
def _hidden(model: type[BaseModel]) -> frozenset[str]:
    """Give the names of pydantic's own attributes that are no keys and that none of our classes defines."""
    own = {name for each in model.__mro__ if each.__module__.startswith("fintech_index.") for name in vars(each)}
    return frozenset(
        name
        for name in (*dir(BaseModel), "model_post_init", "_abc_impl")
        if not name.startswith("__") and (name.startswith(("model_", "_")) or name not in own)
    ).difference(model.model_fields)


def _no_such(model: type[BaseModel], name: str) -> str:
    paths = [path for path in paths_of(model) if path.rpartition(".")[2] == name]
    if paths:
        return f"{model.__name__} has no {name!r} of its own: it is {' or '.join(paths)}"
    hint = did_you_mean(
        name, (each for each in (*model.model_fields, *vars(model)) if not each.startswith(("_", "model_")))
    )
    return f"{model.__name__} has no {name!r}{': ' if hint else ''}{hint}"


def _not_in_place(model: type[BaseModel], name: str, to: str) -> str:
    return (
        f"{model.__name__}.{name} cannot be set{to}: a methodology does not change. Make another one, such as "
        'method.replace(**{"weighting.single_cap": "0.05"})'
    )
