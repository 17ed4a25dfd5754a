"""The quality of a standardized image, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.stages import Progress

from .edge_response import EdgeResponse, edge_response, find_edges
from .noise_power import NoisePower, find_squares, noise_power
from .regions import RegionMeasure, measure_regions
from .sampled import Sampled, sample
from .similarity import Similarity, similarity

BODY_ABOVE_HU = -300.0
_LATTICE_TOLERANCE_MM = 1e-2


class OtherLattice(LiverCNNError):
    """A mask or a target does not lie on the voxels of the image."""

    id = "other-lattice"


@dataclass(frozen=True)
class Quality:
    """What changed, and how like the target it is. Dictionaries are by image: before, after, target.

    Attributes:
        regions: HU and noise of tissues.
        noise: Noise power spectra of even soft tissue; empty where too little was found.
        edges: MTF between fat and soft tissue; empty where too few edges were found.
        similarity: PSNR and SSIM to the target; empty without one.
        sections: What was measured, for figures.
    """

    regions: tuple[RegionMeasure, ...]
    noise: dict[str, NoisePower]
    edges: dict[str, EdgeResponse]
    similarity: dict[str, Similarity]
    sections: Sampled

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data: numbers, no curves."""
        return {
            "regions": [region.to_dict() for region in self.regions],
            "noise_mean_frequency_per_mm": {
                name: spectrum.mean_frequency_per_mm for name, spectrum in self.noise.items()
            },
            "edge_mtf50_per_mm": {name: response.mtf50_per_mm for name, response in self.edges.items()},
            "edges": max((response.edges for response in self.edges.values()), default=0),
            "similarity_to_target": {name: one.to_dict() for name, one in self.similarity.items()},
        }


def measure_quality(
    before: sitk.Image,
    after: sitk.Image,
    *,
    target: sitk.Image | None = None,
    mask: sitk.Image | None = None,
    window_hu: tuple[float, float] = (-200.0, 600.0),
    progress: Progress = None,
) -> Quality:
    """Measure an image before and after standardization, in up to 48 sections.

    Args:
        before, after: In HU, on the same voxels.
        target: The same scan as the target protocol shows it.
        mask: Not 0 in the liver.
        window_hu: For PSNR and SSIM.
        progress: May raise Cancelled.

    Raises:
        OtherLattice: Mask or target lie on other voxels.
    """
    report = progress if progress is not None else (lambda fraction, message: None)
    for image, name in ((after, "standardized image"), (target, "target"), (mask, "mask")):
        if image is not None:
            check_same_lattice(image, before, name)
    report(0.0, "measuring tissues")
    sections = sample(before, after, target, mask)
    images = {"before": sections.before, "after": sections.after}
    if sections.target is not None:
        images["target"] = sections.target
    regions = measure_regions(sections)
    report(0.2, "measuring noise")
    squares = find_squares(sections)
    noise = (
        {name: noise_power(image, squares, sections.pixel_mm) for name, image in images.items()}
        if len(squares)
        else {}
    )
    report(0.4, "measuring edges")
    edges = find_edges(sections)
    responses = {name: edge_response(image, edges, sections.pixel_mm[0]) for name, image in images.items()}
    report(0.8, "comparing with the target")
    likeness: dict[str, Similarity] = {}
    if sections.target is not None and (body := sections.target > BODY_ABOVE_HU).any():
        likeness = {
            name: similarity(images[name], sections.target, body, window_hu) for name in ("before", "after")
        }
    report(1.0, "measured")
    found = {name: response for name, response in responses.items() if response is not None}
    return Quality(regions, noise, found, likeness, sections)


def check_same_lattice(image: sitk.Image, reference: sitk.Image, name: str) -> None:
    """Raise OtherLattice if an image, called `name`, does not lie on the voxels of a CT."""
    corner = [size - 1 for size in reference.GetSize()]
    same = image.GetSize() == reference.GetSize() and all(
        abs(one - other) <= _LATTICE_TOLERANCE_MM
        for index in ([0, 0, 0], [corner[0], 0, 0], [0, corner[1], 0], corner)
        for one, other in zip(
            image.TransformIndexToPhysicalPoint(index), reference.TransformIndexToPhysicalPoint(index)
        )
    )
    if not same:
        raise OtherLattice(
            f"The {name} does not lie on the voxels of the CT; resample it onto the CT, for instance in 3D "
            "Slicer, or leave it out.",
            found=image.GetSize(),
            expected=reference.GetSize(),
        )
