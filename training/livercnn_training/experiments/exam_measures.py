"""Everything that is measured of one exam: its images, and the masks of every segmenter."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.masks import read_mask, write_mask

from .exams import TARGET, Exam, Progress
from .image_measures import bias_hu, crop_difference_hu, inner_liver, lesion_sums, noise_hu
from .standardizers import Standardizer, stage_of

TARGET_MASK, TRUTH = f"{TARGET} mask", "true liver"
"""References: what the same segmenter makes of the original target image, as in Lee 2023; and the label."""
MEASURES = (
    "dice",
    "volume_test_ml",
    "volume_reference_ml",
    "volume_difference_ml",
    "volume_difference_percent",
    "msd_mm",
    "hd95_mm",
)


@dataclass(frozen=True, eq=False)
class Segmenter:
    """A loaded segmentation model and how to run it."""

    model: Any
    device: str = "auto"
    threads: int | None = None

    @property
    def name(self) -> str:
        """The model's id."""
        return str(self.model.card.id)

    @property
    def key(self) -> dict[str, Any]:
        """What decides its masks."""
        return {"segmenter": self.name, "sha256": self.model.sha256}

    def mask(self, image: sitk.Image, progress: Progress) -> sitk.Image:
        """The liver, uint8, on the image's grid. Raises LiverCNNError."""
        from LiverSegmentCNNLib import segment_liver

        made = segment_liver(image, self.model, device=self.device, threads=self.threads, progress=progress)
        return made.mask


def standardized_images(
    exam: Exam, standardizer: Standardizer | None, progress: Progress
) -> dict[str, sitk.Image]:
    """The exam's images of one stage: all of them, or what the standardizer makes of those but the target."""
    if standardizer is None:
        return dict(exam.images)
    names = [name for name in exam.images if name != TARGET]
    return {
        name: standardizer.standardize(
            exam.images[name], name, part(progress, number, len(names), f"{standardizer.name}, {name}")
        )
        for number, name in enumerate(names)
    }


def image_rows(
    exam: Exam, images: Mapping[str, sitk.Image], standardizer: Standardizer | None
) -> list[dict[str, Any]]:
    """A row a protocol: liver HU and noise beside the target's, what the crop changes, lesions kept."""
    region = inner_liver(exam)
    if region is None or TARGET not in exam.images:
        return []
    target = exam.images[TARGET]
    target_noise, target_sums = noise_hu(target, region), lesion_sums(target, exam)
    rows = []
    for protocol, image in images.items():
        noise = noise_hu(image, region)
        row: dict[str, Any] = {
            "protocol": protocol,
            "bias_hu": round(bias_hu(image, target, region), 4),
            "noise_hu": round(noise, 4),
            "noise_ratio": round(noise / target_noise, 4) if target_noise else None,
        }
        if standardizer is not None:
            change = crop_difference_hu(standardizer, exam.images[protocol], protocol, exam, region)
            row["crop_difference_hu"] = round(change, 4)
        if target_sums:
            sums = np.array(lesion_sums(image, exam))
            row["lesions_hu_ml"] = _finite(sums)
            row["lesions_kept"] = _finite(sums / np.array(target_sums))
        rows.append(row)
    return rows


def _finite(values: np.ndarray) -> list[float | None]:
    return [round(float(value), 4) if np.isfinite(value) else None for value in values]


class MaskFolder:
    """Where the masks of a study lie: ``masks/SEGMENTER/EXAM/PROTOCOL-STAGE.seg.nrrd``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "masks"

    def forget(self, exam: str) -> None:
        """Remove the masks of an exam whose images are new."""
        for folder in self._folder.glob(f"*/{exam}"):
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, segmenter: Segmenter, exam: str, protocol: str, stage: str) -> Path:
        """The file of one mask."""
        name = f"{protocol}-{stage.rpartition(': ')[2]}.seg.nrrd"
        return self._folder / f"{segmenter.name}-{segmenter.model.sha256[:8]}" / exam / name

    def write(self, mask: sitk.Image, path: Path) -> None:
        """Keep a mask. Raises OutputError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mask(mask, path)

    def target_mask(self, segmenter: Segmenter, exam: Exam, progress: Progress) -> sitk.Image:
        """The mask on the original target image: kept by an earlier unit, else made again."""
        path = self.path(segmenter, exam.name, TARGET, stage_of(None))
        if path.is_file():
            return read_mask(path)
        mask = segmenter.mask(exam.images[TARGET], progress)
        self.write(mask, path)
        return mask


def mask_rows(
    exam: Exam,
    images: Mapping[str, sitk.Image],
    standardizer: Standardizer | None,
    segmenter: Segmenter,
    folder: MaskFolder,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Rows of the cohort table, one a protocol and reference: the segmenter on the images of one stage."""
    stage = stage_of(standardizer)
    masks: dict[str, sitk.Image] = {}
    for number, (protocol, image) in enumerate(images.items()):
        said = part(progress, number, len(images), f"{segmenter.name} on {protocol}, {stage}")
        masks[protocol] = segmenter.mask(image, said)
        folder.write(masks[protocol], folder.path(segmenter, exam.name, protocol, stage))
    has_target = TARGET in exam.images
    target = folder.target_mask(segmenter, exam, progress) if has_target else None
    rows = []
    for protocol, mask in masks.items():
        of_mask = {"case": exam.name, "method": segmenter.name, "protocol": protocol, "stage": stage}
        if target is not None and not (protocol == TARGET and standardizer is None):
            rows.append({**of_mask, "reference": TARGET_MASK, **_comparison(target, mask)})
        if exam.liver is not None:
            rows.append({**of_mask, "reference": TRUTH, **_comparison(exam.liver, mask)})
    return rows


def part(progress: Progress, number: int, count: int, message: str) -> Progress:
    """The progress of one of several equal parts, under a message of its own."""
    return lambda fraction, _: progress((number + fraction) / count, message)


def _comparison(reference: sitk.Image, mask: sitk.Image) -> dict[str, Any]:
    """The measures, as text where JSON has no number: "inf" and "nan", as cohort tables write them."""
    from LiverMetricsLib import compare

    comparison = compare(reference, mask)
    values = {name: float(getattr(comparison, name)) for name in MEASURES}
    return {name: value if np.isfinite(value) else repr(value) for name, value in values.items()}
