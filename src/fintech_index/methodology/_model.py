"""`Methodology`: the sections of its file, and the rules between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from fintech_index.methodology._fields import Label, Rule
from fintech_index.methodology._reviewing import Conduct, Eligibility
from fintech_index.methodology._sections import Sections
from fintech_index.methodology._sources import tables_of
from fintech_index.methodology._treatments import unread_rules, unread_treatments, with_default_treatments
from fintech_index.methodology._validation import validated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST_LEVEL = 10**12  # of the base, in units of the last place: three digits are left for growth


class Methodology(Sections):
    """All rules of one index. `Methodology.load` reads it from a file."""

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
        data, where = tables_of(name_or_path)
        return validated(cls, data, where)

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
