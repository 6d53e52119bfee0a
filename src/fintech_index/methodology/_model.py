"""`Methodology`: the sections of its file, and the rules between them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from fintech_index.errors import MethodologyError, RequestError, require_kind, shown
from fintech_index.files import write_file
from fintech_index.methodology._changing import changed
from fintech_index.methodology._fields import Label, Rule
from fintech_index.methodology._origin import Origin
from fintech_index.methodology._plain import given_tables, tables_of_mapping
from fintech_index.methodology._reviewing import Conduct, Eligibility
from fintech_index.methodology._sections import Sections
from fintech_index.methodology._sources import filled_by_parents, source_of
from fintech_index.methodology._summary import summary
from fintech_index.methodology._text import read_as, text_alone, text_on_parent
from fintech_index.methodology._treatments import unread_rules, unread_treatments, with_default_treatments
from fintech_index.methodology._validation import all_at_once, validated
from fintech_index.methodology._writing import tidy
from fintech_index.travelling import travelling

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST_LEVEL = 10**12  # of the base, in units of the last place: three digits are left for growth


class Methodology(Sections):
    """All rules of one index, which do not change.

    `load` reads it from a file, `from_dict` makes it of dicts, `from_toml` of text; `replace` gives another one with
    some keys changed; `to_toml` and `save` write it. Two that have the same rules and titles are equal, whatever
    comments their files have.
    """

    if not TYPE_CHECKING:  # to a type checker the keys are arguments

        def __init__(self, /, *others: object, **keys: Any) -> None:
            if others:
                raise MethodologyError(
                    "a methodology is made by Methodology.load, from_dict, from_toml, or of its keys"
                )
            made = type(self).from_dict(keys, where=f"{type(self).__name__}(...)")
            super().__setstate__(super(Methodology, made).__getstate__())

        # What pydantic asks for on its own way to a model, which goes past this: errors are put into words there.
        __init__.__pydantic_base_init__ = True

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
        text, path = source_of(name_or_path)
        return cls.from_toml(text, where=str(path), folder=path.parent)

    @classmethod
    def from_toml(cls, text: str, *, where: str = "the text", folder: str | Path | None = None) -> Self:
        """Make a methodology of TOML text, such as `to_toml` gives.

        Parameters
        ----------
        text : str
            What a file would have in it.
        where : str
            What errors call the text.
        folder : str or Path, optional
            Where parents are looked for; without it in the catalogue alone.

        Raises
        ------
        MethodologyError
            The text is no TOML, or has keys and values that a methodology may not have: all of them.
        """
        require_kind(text, str, "the text of a methodology")
        require_kind(folder, str | Path | None, "the folder of its parents")
        place = None if folder is None else Path(folder)
        made = read_as(cls, text.removeprefix("\ufeff"), where, place)
        made._origin = Origin(text.removeprefix("\ufeff"), place)  # noqa: SLF001 - one of our own
        return made

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, where: str = "the dict") -> Self:
        """Make a methodology of the keys that its file would have.

        Parameters
        ----------
        mapping : mapping of str
            Tables within tables, or dotted keys such as ``"base.date"``. Dates are dates or text such as
            ``"2020-01-02"``; numbers are whole, floats, decimals, fractions or text, and a float stands for the
            shortest decimal that it is written as: 0.1 is exactly one tenth. A key whose value is None is left out.
        where : str
            What errors call the mapping.

        Raises
        ------
        MethodologyError
            Keys and values that a methodology may not have: all of them, each with what is allowed; or no such parent
            in the catalogue.

        Examples
        --------
        >>> import fintech_index as fi
        >>> fi.Methodology.from_dict({"name": "mine", "base.date": "2020-01-02", "weighting": {"single_cap": 0.05}})
        <Methodology mine: base 2020-01-02, by free_float_cap, single_cap 0.05, no reviews>
        """
        if not isinstance(mapping, Mapping):
            raise MethodologyError(
                f'{where}: a methodology is made of a mapping such as {{"name": "mine", "base.date": "2020-01-02"}}, '
                f"not of {shown(mapping)}"
            )
        tables, problems = tables_of_mapping(mapping, cls)
        with all_at_once(where, problems):
            made = validated(cls, filled_by_parents(tables, where, None), where)
        made._origin = Origin(tidy(tables), None)  # noqa: SLF001 - one of our own
        return made

    def replace(self, settings: Mapping[str, Any] | None = None, /, **more: Any) -> Self:
        """Give a methodology with other values of some keys; this one stays as it is.

        Parameters
        ----------
        settings, **more
            New values by the path of a key, such as ``"weighting.single_cap"``, as `from_dict` takes them; None leaves
            the key out. A dict in place of a section takes the place of all its keys. A section with a key changed
            no longer says where its rule comes from (`label`, `source`, `effective`), unless that is given as well.
            What a parent has cannot be taken away by a file on it: where that is done, the new methodology has no
            parent, and all of the rules itself.

        Raises
        ------
        MethodologyError
            Keys that there are not, values that they may not have, rules that do not go together: all of them.

        Examples
        --------
        >>> import fintech_index as fi
        >>> fi.Methodology.load("xiangmihu").replace(**{"weighting.single_cap": "0.05"}).weighting.single_cap
        Decimal('0.05')
        """
        if settings is not None and not isinstance(settings, Mapping):
            raise MethodologyError(
                f"keys are replaced by their paths, such as {{'currency': 'USD'}}, not {shown(settings)}"
            )
        made = changed(self, {**(settings or {}), **more})
        if made.parent is not None and text_on_parent(made, self._origin, self._folder()) is None:
            made = changed(made, {"parent": None})
        return made

    def __replace__(self, **changes: Any) -> Self:
        return self.replace(changes)

    def to_toml(self) -> str:
        """Write the methodology as the text of a file, which is read back as an equal one.

        Where it came from a file or from text, comments and the order of keys are kept, and only keys that were
        replaced are changed. One made of dicts has the keys that were given. Where its parent can no longer be read,
        or where variants leave out what a parent has, the text has every key itself, and no parent.

        Raises
        ------
        MethodologyError
            The rules were changed past all checks, and no file could have them.
        """
        return self._text(self._folder())

    def save(self, path: str | Path) -> Path:
        """Write the methodology to a file, whole or not at all, as `to_toml` does; give its path.

        A file that is not beside its parent, and whose parent is not of the catalogue, has every key itself.

        Raises
        ------
        RequestError
            The path does not end in ``.toml``.
        WriteError
            The place cannot be written to; a file of before is still there.
        MethodologyError
            As `to_toml`.
        """
        require_kind(path, str | Path, "the path of a methodology")
        place = Path(path)
        if place.suffix != ".toml":
            raise RequestError(f"a methodology is saved to a path that ends in .toml, not {shown(str(path))}")
        write_file(place, self._text(place.parent).encode())
        return place

    def _folder(self) -> Path | None:
        return None if self._origin is None else self._origin.folder

    def _text(self, folder: Path | None) -> str:
        on_parent = None if self.parent is None else text_on_parent(self, self._origin, folder)
        return text_alone(self, self._origin) if on_parent is None else on_parent

    def __repr__(self) -> str:
        return summary(self)

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if isinstance(other, Methodology) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.name, self.base.date, self.base.value, self.selection.count, self.weighting.single_cap))

    def __reduce__(self) -> tuple[Any, ...]:
        return travelling(self, (given_tables(self), None if self._origin is None else tuple(self._origin)))

    @classmethod
    def _from_travelling(cls, state: tuple[dict[str, Any], tuple[str, Path | None] | None]) -> Self:
        tables, origin = state
        made = validated(cls, tables, "a methodology from another process")
        made._origin = None if origin is None else Origin(*origin)  # noqa: SLF001 - one of our own
        return made

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
