"""Masks in the scene that can be compared: segments, and labels of labelmap volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreScene import fingerprints, masks, roles
from LiverCoreScene.volumes import volume_of_segment
from LiverMetricsLib.lattice import Grid, describe_difference, find_index_map

OVERLAY_ATTRIBUTE = "LiverCNN.Overlay"
"""Of our own segmentations that show where masks differ: they are no masks to compare."""


@dataclass(frozen=True)
class Mask:
    """A mask in the scene.

    key: the segment's ID, or the label's number as text where the node is a labelmap volume.
    """

    node_id: str
    key: str

    @classmethod
    def of(cls, node: Any, key: str) -> Mask:
        """The mask of a segment (or label) of a node."""
        return cls(node.GetID(), key)

    @property
    def node(self) -> Any:
        """The node; None if it is gone."""
        return slicer.mrmlScene.GetNodeByID(self.node_id)

    @property
    def is_label(self) -> bool:
        """Whether it is a label of a labelmap volume."""
        node = self.node
        return node is not None and node.IsA("vtkMRMLLabelMapVolumeNode")

    @property
    def is_there(self) -> bool:
        """Whether node and segment are in the scene."""
        node = self.node
        return node is not None and (self.is_label or node.GetSegmentation().GetSegment(self.key) is not None)

    @property
    def segment_name(self) -> str:
        """Its name without its node's."""
        if self.is_label:
            return _("label {number}").format(number=self.key)
        return self.node.GetSegmentation().GetSegment(self.key).GetName()

    @property
    def name(self) -> str:
        """Its name for readers."""
        return _("{segment} ({node})").format(segment=self.segment_name, node=self.node.GetName())

    @property
    def role(self) -> str | None:
        """What kind of mask it is, by ``LiverCoreScene.roles``; None if nobody said."""
        return None if self.is_label else roles.role_of(self.node, self.key)

    def grid(self) -> masks.MaskGrid | None:
        """Where its voxels are; None if it has none. Raises UnreadableSegment."""
        return masks.grid_of_label(self.node) if self.is_label else masks.grid_of_segment(self.node, self.key)

    def fingerprint(self) -> dict:
        """What tells whether it is still the same mask in the same place. Raises UnreadableSegment."""
        if self.is_label:
            return fingerprints.of_label(self.node, int(self.key))
        return fingerprints.of_segment(self.node, self.key)

    def copy(self) -> masks.MaskCopy:
        """Its voxels. Raises UnreadableSegment."""
        if self.is_label:
            return masks.copy_label(self.node, int(self.key))
        return masks.copy_segment(self.node, self.key)


def segments_in_scene() -> list:
    """All segments that can be compared, as masks, in the order of the scene."""
    found = []
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if not node.GetAttribute(OVERLAY_ATTRIBUTE):
            found += [Mask.of(node, segment_id) for segment_id in node.GetSegmentation().GetSegmentIDs()]
    return found


def labelmaps_in_scene() -> list:
    """Labelmap volumes that hold an image."""
    volumes = slicer.util.getNodesByClass("vtkMRMLLabelMapVolumeNode")
    return [volume for volume in volumes if volume.GetImageData() is not None]


def image_of(mask: Mask) -> Any:
    """The volume that a mask was made on; None if nobody knows."""
    return mask.node if mask.is_label else volume_of_segment(mask.node, mask.key)


def role_text(role: str | None) -> str:
    """A role in words."""
    return {
        roles.RAW: _("CNN"),
        roles.POSTPROCESSED: _("CNN, post-processed"),
        roles.CORRECTED: _("corrected"),
    }.get(role or "", "")


def why_not(reference: Mask | None, tests: list, resample: bool) -> str:
    """Why masks cannot be compared now, in one sentence; empty if they can.

    resample: whether the reference may be put onto the grid of a test.
    """
    if reference is None:
        return _("Choose the reference segment.")
    if not reference.is_there:
        return _("The reference is gone; choose another one.")
    if not tests:
        return _("Tick the segments to compare with the reference.")
    for test in tests:
        if not test.is_there:
            return _("A segment to compare is gone; tick another one.")
        if test == reference:
            return _("{name} is the reference and a test; choose another reference.").format(name=test.name)
    return _why_not_readable([reference, *tests]) or _why_not_one_grid(reference, tests, resample)


def _why_not_readable(wanted: list) -> str:
    for mask in wanted:
        try:
            mask.grid()
        except masks.UnreadableSegment as error:
            return str(error)
    return ""


def _why_not_one_grid(reference: Mask, tests: list, resample: bool) -> str:
    reference_grid = reference.grid()
    if resample or reference_grid is None:
        return ""
    for test in tests:
        test_grid = test.grid()
        if test_grid is not None and find_index_map(_lattice(test_grid), _lattice(reference_grid)) is None:
            return _(
                "{name} lies on another grid than the reference: {how}. To compare them all the same, tick "
                "Resample in the options."
            ).format(name=test.name, how=describe_difference(_lattice(reference_grid), _lattice(test_grid)))
    return ""


def _lattice(grid: masks.MaskGrid) -> Grid:
    return Grid(grid.shape, grid.origin, (grid.direction * grid.spacing_mm)[:, ::-1])
