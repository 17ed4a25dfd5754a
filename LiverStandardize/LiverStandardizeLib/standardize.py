"""Standardizing a CT: any of the six protocols in, an image like the target protocol's out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import SimpleITK as sitk

from LiverCoreLib.ct_checks import check_image
from LiverCoreLib.devices import choose_device, limit_threads
from LiverCoreLib.provenance import network_provenance
from LiverCoreLib.stages import Progress, Stages

from .axial_sections import AxialSections, section_warnings
from .hu_window import HuWindow, RangeCount
from .model import StandardizerModel, load_standardizer
from .network_run import standardize_sections
from .protocol.detection import GUESSED, ProtocolDetection
from .recognition import recognition_warnings, recognize, refuse_stated_map


@dataclass(frozen=True)
class Standardized:
    """A standardized image and how it came about.

    Attributes:
        image: int16, HU, on the input's own voxels.
        protocol: What the input was taken for, one of the six, or None where that is not known.
        target_protocol: What the image looks like now.
        detection: Why, with confidence and what contradicts it.
        passed_through: The input was of the target protocol already and was not changed.
        warnings: Plain sentences for whoever uses the image.
        outside_range_percent: Share of the tissue whose HU lie outside what the model learned.
        outside_range: The same, apart for below and above.
        timings_s: Seconds by stage, and "total".
        provenance: Model, device, versions and parameters.
    """

    image: sitk.Image
    protocol: str | None
    target_protocol: str
    detection: ProtocolDetection
    passed_through: bool
    warnings: tuple[str, ...]
    outside_range_percent: float
    outside_range: dict[str, float]
    timings_s: dict[str, float]
    provenance: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """All but the image, as plain data for a JSON report."""
        return {
            "protocol": self.protocol,
            "target_protocol": self.target_protocol,
            "detection": self.detection.to_dict(),
            "passed_through": self.passed_through,
            "warnings": list(self.warnings),
            "outside_range_percent": self.outside_range_percent,
            "outside_range": dict(self.outside_range),
            "timings_s": dict(self.timings_s),
            "provenance": self.provenance,
        }


def standardize_volume(
    image: sitk.Image,
    *,
    model: str | os.PathLike | StandardizerModel | None = None,
    protocol: str | None = None,
    detection: ProtocolDetection | None = None,
    force: bool = False,
    device: str = "auto",
    threads: int | None = None,
    batch: int | None = None,
    progress: Progress = None,
) -> Standardized:
    """Make a CT look like the model's target protocol. The image is only read.

    Args:
        image: A 3-D CT in Hounsfield units, any orientation, matrix and spacing.
        model: Id or path of a model, a loaded one (worth it for many volumes), or None for the default.
        protocol: What the user knows it to be (``M40``, ``IR3``); None or ``auto`` goes by `detection`.
        detection: What the headers say (``detect_protocol``, ``protocol_of_headers``); without it, and
            without a protocol, HU are asked, which tell little.
        force: Standardize what is of the target protocol already, or is called a derived map by its headers
            although a protocol was stated.
        device: "auto", "cpu", "cuda" or "cuda:N".
        threads: CPU threads to use; None leaves the process as it is.
        batch: Sections that a GPU computes at once; None chooses. A CPU computes them one by one.
        progress: Called with (fraction, message) before each few sections; may raise Cancelled.

    Raises:
        UnsupportedImage: It is no CT that can be worked on.
        DerivedMap: It is an iodine map, a virtual non-contrast image or the like.
        UnknownProtocol, ModelError, DeviceError: And whatever `progress` raises.
    """
    stages = Stages(progress)
    with stages.stage("total", 0.0, 1.0, "standardizing"):
        with stages.stage("starting", 0.0, 0.01, "choosing the processor"):
            chosen = choose_device(device, threads)
        with stages.stage("model", 0.01, 0.04, "loading the model"):
            loaded = model if isinstance(model, StandardizerModel) else load_standardizer(model)
        with stages.stage("checks", 0.04, 0.06, "checking the image"):
            check = check_image(image, "CT")
        with stages.stage("protocol", 0.06, 0.08, "recognizing the protocol"):
            answer, measured = recognize(image, check.hu_offset, protocol, detection)
            if not force:
                refuse_stated_map(answer)
        sections = AxialSections(image, check.hu_offset)
        window = HuWindow.of(loaded.card.input)
        passes = _is_target(answer, loaded.target_protocol) and not force
        with stages.stage("network", 0.08, 0.97, "running the network") as step, limit_threads(threads):
            if passes:
                count = _pass_through(sections, window)
            else:
                count = standardize_sections(
                    sections,
                    loaded.network,
                    window,
                    protocol=answer.protocol,
                    target_protocol=loaded.target_protocol,
                    device=chosen.device,
                    batch=batch,
                    progress=step,
                )
        with stages.stage("finishing", 0.97, 1.0, "making the image"):
            result = sections.result()
    warnings = [*check.warnings, *recognition_warnings(answer, measured, loaded.target_protocol)]
    if passes:
        warnings.insert(0, _passed_through(loaded.target_protocol))
    else:
        warnings += section_warnings(sections.lattice, loaded.card.input) + count.warnings(window)
    parameters = {"protocol": protocol or "auto", "force": force, "hu_offset": check.hu_offset}
    return Standardized(
        image=result,
        protocol=answer.protocol,
        target_protocol=loaded.target_protocol,
        detection=answer,
        passed_through=passes,
        warnings=tuple(warnings + sections.warnings()),
        outside_range_percent=count.percent,
        outside_range=count.to_dict(),
        timings_s=stages.seconds,
        provenance=network_provenance(loaded.card, loaded.sha256, chosen, parameters),
    )


def _is_target(detection: ProtocolDetection, target: str) -> bool:
    """Whether an image surely is of the target protocol; a guess from HU alone is not enough."""
    return detection.protocol == target and detection.status != GUESSED


def _pass_through(sections: AxialSections, window: HuWindow) -> RangeCount:
    count = RangeCount()
    for place in range(sections.count):
        hu = sections.read(place)
        count.add(hu, window)
        sections.write(place, hu)
    return count


def _passed_through(target: str) -> str:
    return f"The image is {target} already and was passed through unchanged; force it to be standardized."
