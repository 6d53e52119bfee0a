"""The hash of the rules of a methodology."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fintech_index.methodology._fields import applied

if TYPE_CHECKING:
    from fintech_index.methodology._model import Methodology

_SAID = {"parent", "title", "title_zh", "description", "notice", "label", "source", "effective"}


def methodology_hash(method: Methodology) -> str:
    """Hash the rules that decide something: no titles, labels or sources, and nothing that is as by default."""
    rules = _decisive(method.model_dump(exclude_defaults=True))
    rules["eligibility_not_applied"] = sorted(
        name for name in type(method.eligibility).model_fields if not applied(getattr(method.eligibility, name))
    )
    return hashlib.sha256(json.dumps(rules, sort_keys=True, default=_text).encode()).hexdigest()


def _decisive(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _decisive(each) for key, each in value.items() if key not in _SAID}
    return value


def _text(value: object) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
