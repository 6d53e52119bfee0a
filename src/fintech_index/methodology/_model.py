"""`Methodology`: the sections of its file, and the rules between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import PrivateAttr, model_validator

from fintech_index.errors import MethodologyError, Problem, did_you_mean, require_kind
from fintech_index.methodology._changing import changed
from fintech_index.methodology._fields import Label, Rule
from fintech_index.methodology._reviewing import Conduct, Eligibility
from fintech_index.methodology._sections import Sections
from fintech_index.methodology._sources import filled_by_parents, source_of
from fintech_index.methodology._to_toml import given_in, text_of, text_with
from fintech_index.methodology._treatments import unread_rules, unread_treatments, with_default_treatments
from fintech_index.methodology._validation import paths_of, validated
from fintech_index.methodology._written import as_meant, as_meant_by_path, nested, written
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NOT_OURS = ("model_", "dict", "json", "copy", "construct", "parse_", "schema", "from_orm", "update_", "validate")
_LARGEST_LEVEL = 10**12  # of the base, in units of the last place: three digits are left for growth


M = TypeVar("M", bound="Methodology")


class Methodology(Sections):
    """All rules of one index: `load` reads it from a file, `from_dict` takes it from memory, `replace` changes it."""

    _text: str | None = PrivateAttr(default=None)
    _changes: tuple[tuple[str, Any], ...] = PrivateAttr(default=())

    @classmethod
    def load(cls, name_or_path: str | Path) -> Self:
        """Read a methodology.

        Parameters
        ----------
        name_or_path : str or Path
            A name of the catalogue (``"xiangmihu"``), or a path to a TOML file.

        Raises
        ------
        MethodologyError
            No such name or file, or keys and values that the file may not have: all of them, each with what is
            allowed.
        """
        source = source_of(name_or_path)
        return _with_text(validated(cls, source.tables, source.where), source.text)

    @classmethod
    def from_dict(cls, tables: Mapping[str, Any], *, where: str = "the methodology") -> Self:
        """Make a methodology of tables in memory, with every check that a file has.

        Parameters
        ----------
        tables : mapping
            The keys of a file: tables in tables, or paths such as ``"weighting.single_cap"``. Dates may be text, a
            float stands for its shortest decimal, `parent` is a name of the catalogue.
        where : str
            What errors call it.

        Raises
        ------
        MethodologyError
            Keys and values that it may not have: all of them, each with what is allowed.
        """
        require_kind(tables, dict, "a methodology in memory")
        return validated(cls, filled_by_parents(as_meant(nested(tables, where), cls), where, None), where)

    def replace(self, **changes: Any) -> Self:
        """Give the methodology with other values of some keys, checked as that of a file; None leaves a key out.

        ``method.replace(**{"weighting.single_cap": "0.05", "name": "mine"})``. A section with a key changed no longer
        says where its rule comes from.

        Raises
        ------
        MethodologyError
            A key that there is not, a value that it may not have, rules that do not go together.
        """
        keys = paths_of(type(self))
        unknown = [Problem(path, "no such key", did_you_mean(path, keys)) for path in changes if path not in keys]
        if unknown:
            raise MethodologyError(f"{self.name}: {len(unknown)} keys cannot be replaced", unknown)
        meant = as_meant_by_path(changes, type(self))
        return _with_text(changed(self, meant), self._text, (*self._changes, *meant.items()))

    def to_toml(self) -> str:
        """Write the methodology as its file would have it.

        One that was read from a file is that file with its comments, and what `replace` has changed in its place.
        """
        if self._text is None:
            return text_of(self)
        return text_with(self._text, [(path, written(value)) for path, value in self._changes])

    def __repr__(self) -> str:
        cap = f", single cap {self.weighting.single_cap}" if self.weighting.single_cap is not None else ""
        by, count = self.weighting.by, self.selection.count
        return f"<Methodology {self.name}: from {self.base.date} = {self.base.value}, {count} by {by}{cap}>"

    __str__ = __repr__

    def __dir__(self) -> list[str]:
        """Leave out what the library below has, which is not the interface."""
        return [name for name in super().__dir__() if not name.startswith(_NOT_OURS)]

    def __eq__(self, other: object) -> bool:
        """Whether another methodology has the same keys and values, wherever it was read."""
        return type(other) is type(self) and self.model_dump() == other.model_dump()

    def __hash__(self) -> int:
        return hash((self.name, self.base.date))

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, (given_in(self), self._text, self._changes))

    @classmethod
    def _from_travelling(cls, state: tuple[dict[str, Any], str | None, tuple[tuple[str, Any], ...]]) -> Self:
        given, text, changes = state
        return _with_text(validated(cls, given, "a methodology from another process"), text, changes)

    def rules(self) -> dict[str, Rule]:
        """Give every section that has a label, by its path in the file."""
        found: dict[str, Rule] = {}
        for section in type(self).model_fields:
            value = getattr(self, section)
            if isinstance(value, Rule):
                found[section] = value
            elif isinstance(value, Eligibility):
                found |= {f"{section}.{key}": getattr(value, key) for key in type(value).model_fields}
        return found

    def notices(self) -> tuple[str, ...]:
        """Say what a reader of the levels must know about the rules."""
        notices = [self.notice] if self.notice else []
        for path, rule in self.rules().items():
            if rule.label is Label.NOT_APPLIED:
                kinds = f" ({rule.in_words})" if isinstance(rule, Conduct) and rule.in_words else ""
                notices.append(f"{self.name}: the rule {path}{kinds} is published but not applied")
        return tuple(notices)

    @model_validator(mode="before")
    @classmethod
    def _treatments_follow_the_weighting(cls, data: Any) -> Any:
        return with_default_treatments(data)

    @model_validator(mode="after")
    def _rules_go_together(self) -> Self:
        wrong = [
            *unread_treatments(self),
            *unread_rules(self),
            *self._labels_before_their_time(),
            *self._levels_beyond_a_float(),
            *self._unapplied_that_must_be_applied(),
        ]
        if wrong:
            raise ValueError("\n".join(wrong))  # a line a problem
        return self

    def _labels_before_their_time(self) -> Iterator[str]:
        not_yet = (Label.ANACHRONISTIC, Label.NOT_APPLIED)
        for path, rule in self.rules().items():
            if rule.effective is not None and rule.effective > self.base.date and rule.label not in not_yet:
                yield (
                    f"{path}.label: this rule is effective {rule.effective}, after the base date {self.base.date}: "
                    f"its label must be {Label.ANACHRONISTIC.value!r} or {Label.NOT_APPLIED.value!r}"
                )

    def _levels_beyond_a_float(self) -> Iterator[str]:
        if self.base.value * 10**self.rounding.level_decimals >= _LARGEST_LEVEL:
            yield (
                f"base.value {self.base.value} with rounding.level_decimals {self.rounding.level_decimals}: a level "
                "could have more digits than a float64 holds; lower one of them"
            )

    def _unapplied_that_must_be_applied(self) -> Iterator[str]:
        wrong = [
            path
            for path, rule in self.rules().items()
            if rule.label is Label.NOT_APPLIED and not path.startswith("eligibility.")
        ]
        if wrong:
            yield f"only rules of eligibility can be labelled {Label.NOT_APPLIED.value!r}, not {', '.join(wrong)}"


def _with_text(made: M, text: str | None, changes: tuple[tuple[str, Any], ...] = ()) -> M:
    """Keep the text of the file that a methodology was read from, and what has been changed since."""
    made._text, made._changes = text, changes  # noqa: SLF001 - its own module
    return made
