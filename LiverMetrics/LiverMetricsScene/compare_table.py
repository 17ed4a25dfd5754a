"""The table node of a comparison: a row a test, and all that brings the panel's result back from a scene."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreScene.fingerprints import same
from LiverCoreScene.masks import UnreadableSegment
from LiverCoreScene.roles import edited_since
from LiverMetricsLib.comparison import Comparison
from LiverMetricsLib.comparison_table import ComparedPair, comparison_table

from .compare_masks import Mask, image_of
from .table_nodes import fill_table

RESULT_ATTRIBUTE = "LiverCNN.Comparison"
_REFERENCE_ROLE, _TEST_ROLE = "LiverCNN.Reference", "LiverCNN.Test"
_IMAGE_ROLE = "LiverCNN.Image"
_EDITED = "-edited"
"""Behind the role of a CNN mask that somebody has changed since: it counts as another method."""


@dataclass(frozen=True)
class CompareOutcome:
    """What was compared, and how it agrees.

    Attributes:
        table: The vtkMRMLTableNode, a row a test.
        reference, tests: Masks; their nodes may be gone by now.
        pairs: Comparisons with names, in the order of the tests.
        fingerprints: Of the reference and the tests as they were compared; none from an older version.
    """

    table: Any
    reference: Mask
    tests: tuple
    pairs: tuple
    fingerprints: tuple = ()

    @property
    def comparisons(self) -> tuple:
        """``LiverMetricsLib.Comparison`` of each test."""
        return tuple(pair.comparison for pair in self.pairs)

    def changed(self) -> list:
        """The masks that are no longer as they were compared: edited, moved, or not to be read any more."""
        there = zip((self.reference, *self.tests), self.fingerprints)
        return [mask for mask, kept in there if mask.is_there and _changed(mask, kept)]


def land_table(
    reference: Mask, tests: list, comparisons: list, marks: list, node: Any = None
) -> CompareOutcome:
    """Put comparisons into a table node: the one to fill again, or a new one.

    marks: fingerprints of the reference and the tests.
    """
    image = image_of(reference)
    case = (image if image is not None else reference.node).GetName()
    pairs = [
        ComparedPair(comparison, test.name, reference.name, case, method)
        for test, method, comparison in zip(tests, _methods(tests, marks[1:]), comparisons)
    ]
    name = _("{name}: agreement").format(name=reference.name)
    if node is None:
        name = slicer.mrmlScene.GenerateUniqueName(name)
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    fill_table(node, comparison_table(pairs))
    node.SetNodeReferenceID(_IMAGE_ROLE, None if image is None else image.GetID())
    _remember(node, reference, tests, pairs, marks)
    return CompareOutcome(node, reference, tuple(tests), tuple(pairs), tuple(marks))


def read_outcome(node: Any) -> CompareOutcome | None:
    """The outcome that a table node keeps; None if it is none of ours, or of another version."""
    text = node.GetAttribute(RESULT_ATTRIBUTE) if node is not None else None
    if not text:
        return None
    try:
        return _read(node, json.loads(text))
    except (ValueError, KeyError, TypeError):  # other definitions, or a scene that was edited by hand
        return None  # its table can still be read


def _read(node: Any, kept: dict) -> CompareOutcome:
    reference, tests = kept["reference"], kept["tests"]
    comparisons = [Comparison.from_dict(one["comparison"]) for one in tests]
    pairs = [
        ComparedPair(comparison, one["name"], reference["name"], kept["case"], one["method"])
        for one, comparison in zip(tests, comparisons)
    ]
    masks = [
        Mask(node.GetNodeReferenceID(f"{_TEST_ROLE}{number}") or "", one["key"])
        for number, one in enumerate(tests)
    ]
    reference_mask = Mask(node.GetNodeReferenceID(_REFERENCE_ROLE) or "", reference["key"])
    marks = tuple(one["fingerprint"] for one in (reference, *tests) if "fingerprint" in one)
    return CompareOutcome(node, reference_mask, tuple(masks), tuple(pairs), marks)


def image_id_of(node: Any) -> str:
    """What tells of whom a comparison is: the ID of its image, else of its reference; empty if unknown."""
    return node.GetNodeReferenceID(_IMAGE_ROLE) or node.GetNodeReferenceID(_REFERENCE_ROLE) or ""


def _changed(mask: Mask, kept: dict) -> bool:
    try:
        return not same(kept, mask.fingerprint())
    except UnreadableSegment:
        return True


def _methods(tests: list, marks: list) -> list:
    """How each test was made, its segment's name, or its whole name: the first that tells it from the others.

    Alike from patient to patient, so that the comparisons of several make a cohort.
    """
    roles = [_role(test, mark) for test, mark in zip(tests, marks)]
    counts = Counter(text for test, role in zip(tests, roles) for text in {role, test.segment_name})
    return [
        next((text for text in (role, test.segment_name) if text and counts[text] == 1), test.name)
        for test, role in zip(tests, roles)
    ]


def _role(test: Mask, mark: dict) -> str | None:
    if test.role is not None and edited_since(test.node, test.key, mark):
        return test.role + _EDITED
    return test.role


def _remember(node: Any, reference: Mask, tests: list, pairs: list, marks: list) -> None:
    """Links as node references, which Slicer mends when a scene is added to another; the rest as JSON."""
    node.SetNodeReferenceID(_REFERENCE_ROLE, reference.node_id)
    for number, test in enumerate(tests):
        node.SetNodeReferenceID(f"{_TEST_ROLE}{number}", test.node_id)
    kept = {
        "case": pairs[0].case,
        "reference": {"key": reference.key, "name": pairs[0].reference, "fingerprint": marks[0]},
        "tests": [
            {
                "key": test.key,
                "name": pair.mask,
                "method": pair.method,
                "comparison": pair.comparison.to_dict(),
                "fingerprint": mark,
            }
            for test, pair, mark in zip(tests, pairs, marks[1:])
        ],
    }
    node.SetAttribute(RESULT_ATTRIBUTE, json.dumps(kept))
