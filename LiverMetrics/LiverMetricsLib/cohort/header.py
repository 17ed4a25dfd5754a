"""The header of a cohort table: which columns there are, and whether their units agree."""

from __future__ import annotations

from .cohort_error import CohortError
from .measures import KNOWN

# Units that would be mixed up with one another, with what one is in the first of its kind.
_VOLUME_UNITS = {"ml": "1", "cm3": "1", "cc": "1", "mm3": "0.001", "l": "1000", "ul": "0.001"}
_LENGTH_UNITS = ("mm", "cm", "m", "um")
_TIME_UNITS = ("s", "min", "h", "ms")

_ALIASES = {"volume_ml": "volume_test_ml"}


def read_header(source: str, header: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the columns as this package knows them.

    Raises:
        CohortError: If a name is missing or there twice, there is no case, or units are mixed.
    """
    names = tuple(name.strip().lower() for name in header)
    for place, name in enumerate(names, start=1):
        if not name:
            raise CohortError(
                f"{source}, row 1, column {place}: the column has no name; name it or remove it.",
                id="bad-header",
            )
        if names.index(name) + 1 < place:
            raise CohortError(
                f"{source}, row 1: column {name!r} is there twice, as columns {names.index(name) + 1} and "
                f"{place}; remove or rename one.",
                id="bad-header",
            )
    if "case" not in names:
        raise CohortError(
            f"{source}, row 1: there is no column 'case'; name the column that identifies the patient 'case' "
            f"(found: {', '.join(names)}).",
            id="no-case-column",
        )
    _refuse_mixed_units(source, names)
    aliases = {old: new for old, new in _ALIASES.items() if new not in names}
    return tuple(aliases.get(name, name) for name in names)


def _refuse_mixed_units(source: str, names: tuple[str, ...]) -> None:
    stems: dict[tuple[str, int], str] = {}
    for name in names:
        stem, _, unit = name.rpartition("_")
        volume = unit in _VOLUME_UNITS and "volume" in stem
        for kind, units in enumerate((_VOLUME_UNITS, _LENGTH_UNITS, _TIME_UNITS)):
            if not stem or unit not in units:
                continue
            # Volumes are compared across columns, lengths and times only within the same quantity.
            key = ("volume", kind) if volume else (stem, kind)
            other = stems.setdefault(key, name)
            if other.rpartition("_")[2] != unit:
                raise CohortError(
                    f"{source}, row 1: columns {other!r} and {name!r} are in different units; bring them to "
                    "one unit (volumes in mL).",
                    id="mixed-units",
                    columns=(other, name),
                )
    for name in names:
        stem, _, unit = name.rpartition("_")
        wanted = f"{stem}_ml"
        if unit in _VOLUME_UNITS and unit != "ml" and (wanted in KNOWN or wanted in _ALIASES):
            raise CohortError(
                f"{source}, row 1: column {name!r} is not in mL, in which volumes are read; multiply it by "
                f"{_VOLUME_UNITS[unit]} and name it {wanted!r}.",
                id="mixed-units",
                columns=(name,),
            )
