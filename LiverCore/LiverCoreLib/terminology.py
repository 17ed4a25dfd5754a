"""What a segment is: its name, its colour, and its code in SNOMED CT, as 3D Slicer keeps them.

Codes and colour of the liver: 3D Slicer's "Segmentation category and type - 3D Slicer General
Anatomy list" (Modules/Loadable/Terminologies/Resources).
"""

from __future__ import annotations

from dataclasses import dataclass

_TERMINOLOGY_CONTEXT = "Segmentation category and type - 3D Slicer General Anatomy list"
_ANATOMY_CONTEXT = "Anatomic codes - DICOM master list"
TERMINOLOGY_TAG = "TerminologyEntry"


@dataclass(frozen=True)
class Code:
    """A coded meaning: scheme (``SCT`` for SNOMED CT), value and plain text."""

    scheme: str
    value: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.scheme}^{self.value}^{self.meaning}"


@dataclass(frozen=True)
class SegmentInfo:
    """One segment of a segmentation.

    Attributes:
        name: What the user reads.
        colour: Red, green, blue, 0 to 255.
        id: Slicer's identifier, unique in a file; defaults to the name.
        label_value: Voxel value that marks the segment in its layer.
        layer: Which value of a voxel holds it, where segments overlap; 0 if they do not.
        category, type: Codes of what kind of thing it is and of which, or None.
        tags: Other Slicer tags, as name and value.
    """

    name: str
    colour: tuple[int, int, int]
    id: str = ""
    label_value: int = 1
    layer: int = 0
    category: Code | None = None
    type: Code | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.name)

    def to_dict(self) -> dict:
        """Plain values for a report."""
        return {
            "name": self.name,
            "colour": list(self.colour),
            "id": self.id,
            "label_value": self.label_value,
            "layer": self.layer,
            "category": None if self.category is None else str(self.category),
            "type": None if self.type is None else str(self.type),
        }


LIVER = SegmentInfo(
    name="liver",
    colour=(221, 130, 101),
    category=Code("SCT", "123037004", "Anatomical Structure"),
    type=Code("SCT", "10200004", "Liver"),
)


def tags_text(segment: SegmentInfo) -> str:
    """Write the tags of a segment as Slicer does: ``name:value|name:value|``, names in order."""
    tags: dict[str, str] = dict(segment.tags)
    if segment.category is not None and segment.type is not None:
        tags[TERMINOLOGY_TAG] = "~".join(
            [
                _TERMINOLOGY_CONTEXT,
                str(segment.category),
                str(segment.type),
                "^^",
                _ANATOMY_CONTEXT,
                "^^",
                "^^",
            ]
        )
    return "".join(f"{name}:{tags[name]}|" for name in sorted(tags))


def parse_tags(text: str) -> tuple[Code | None, Code | None, tuple[tuple[str, str], ...]]:
    """Read Slicer's tags: category code, type code (None where absent or malformed) and the other tags."""
    tags = dict(part.split(":", 1) for part in text.split("|") if ":" in part)
    entry = tags.pop(TERMINOLOGY_TAG, "").split("~")
    category = _code(entry[1]) if len(entry) > 2 else None
    kind = _code(entry[2]) if len(entry) > 2 else None
    return category, kind, tuple(sorted(tags.items()))


def _code(text: str) -> Code | None:
    parts = text.split("^")
    return Code(*parts) if len(parts) == 3 and parts[1] else None
