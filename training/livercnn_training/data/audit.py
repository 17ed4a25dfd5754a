"""Look a data set over before training on it: header errors, doubtful labels, and scans that are there twice.

Public liver sets share scans (LiTS and Task03 of the Medical Segmentation Decathlon hold the same ones); a
scan on both sides of a split makes every figure measured there worthless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case

THUMBNAIL = (32, 32, 32)
_WINDOW_HU = (-100.0, 150.0)  # within the clips of every set known to the reader
DUPLICATE_CORRELATION = 0.95  # different patients of BTCV and LiTS: .80 at most
_SPACING_MM = (0.2, 12.0)
_LIVER_ML = (300.0, 5000.0)


@dataclass(frozen=True)
class Finding:
    """One doubt about one case; ``kind`` is a kebab-case id, ``text`` a plain sentence."""

    case: str
    kind: str
    text: str


@dataclass(frozen=True)
class Audited:
    """What an audit keeps of a case: its findings and its thumbnail (float32, 32^3, zero mean, unit norm)."""

    case: str
    split: str
    findings: tuple[Finding, ...]
    thumbnail: np.ndarray | None


def audit_case(case: Case) -> Audited:
    """Read one case and check it. A file that cannot be read is a finding, not an error."""
    try:
        image = sitk.ReadImage(str(case.image))
        labels = sitk.ReadImage(str(case.labels))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1]
        return Audited(
            case.name, case.split, (Finding(case.name, "unreadable", f"Not readable: {reason}"),), None
        )
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        found = Finding(case.name, "not-a-volume", "The image is not a volume of single values.")
        return Audited(case.name, case.split, (found,), None)
    problems = [*_header_problems(image, labels), *_value_problems(image, case)]
    if image.GetSize() == labels.GetSize():
        problems += _label_problems(image, labels, case)
    findings = tuple(Finding(case.name, kind, text) for kind, text in problems)
    return Audited(case.name, case.split, findings, thumbnail(image))


def _header_problems(image: sitk.Image, labels: sitk.Image) -> list[tuple[str, str]]:
    problems = []
    spacing = image.GetSpacing()
    if not all(_SPACING_MM[0] <= value <= _SPACING_MM[1] for value in spacing):
        problems.append(("spacing", f"The voxels measure {_times(spacing)} mm."))
    direction = np.reshape(image.GetDirection(), (3, 3))
    if not np.allclose(direction @ direction.T, np.eye(3), atol=1e-3):
        problems.append(("sheared", "The axes are not at right angles."))
    if image.GetSize() != labels.GetSize():
        sizes = f"{_times(labels.GetSize())} voxels, the image {_times(image.GetSize())}"
        problems.append(("label-grid", f"The label has {sizes}."))
    else:
        far = _farthest_corner_mm(image, labels)
        if far > 0.1 * min(spacing):
            problems.append(("label-grid", f"The label lies up to {far:.1f} mm from the image's grid."))
    return problems


def _farthest_corner_mm(image: sitk.Image, labels: sitk.Image) -> float:
    last = np.array(image.GetSize()) - 1
    corners = [[int(v) for v in last * bits] for bits in np.ndindex(2, 2, 2)]
    apart = [
        np.subtract(image.TransformIndexToPhysicalPoint(c), labels.TransformIndexToPhysicalPoint(c))
        for c in corners
    ]
    return float(np.linalg.norm(apart, axis=1).max())


def _value_problems(image: sitk.Image, case: Case) -> list[tuple[str, str]]:
    values = sitk.GetArrayViewFromImage(image)[::2, ::2, ::2]
    if not np.isfinite(values).all():
        return [("not-finite", "Some values are not numbers.")]
    low, high = float(values.min()), float(values.max())
    if low == high:
        return [("constant", f"Every value is {low:g}.")]
    if case.modality == "CT" and (low > 0 or high < 100):
        return [("not-hounsfield", f"Values from {low:g} to {high:g} are no Hounsfield units of a CT.")]
    return []


def _label_problems(image: sitk.Image, labels: sitk.Image, case: Case) -> list[tuple[str, str]]:
    liver = np.isin(sitk.GetArrayViewFromImage(labels), case.liver_values)
    count = int(np.count_nonzero(liver))
    if count == 0:
        return [("label-absent", f"No voxel has a liver value ({', '.join(map(str, case.liver_values))}).")]
    problems = []
    volume_ml = count * float(np.prod(image.GetSpacing())) / 1000
    if not _LIVER_ML[0] <= volume_ml <= _LIVER_ML[1]:
        problems.append(("label-volume", f"The liver measures {volume_ml:.0f} mL."))
    if case.modality == "CT":
        middle = _body_middle(image)
        liver_index = np.argwhere(liver).mean(axis=0)[::-1]
        towards_left = image.TransformContinuousIndexToPhysicalPoint(liver_index.tolist())[0] - middle[0]
        if towards_left > 0:
            problems.append(
                (
                    "mirrored",
                    f"The liver lies {towards_left:.0f} mm left of the body's middle: mirrored header?",
                )
            )
    return problems


def _body_middle(image: sitk.Image) -> tuple[float, ...]:
    """Mean point (LPS, mm) of what is denser than fat."""
    step = 4
    dense = np.argwhere(sitk.GetArrayViewFromImage(image)[::step, ::step, ::step] > -50)
    index = (dense.mean(axis=0) * step)[::-1]
    return tuple(image.TransformContinuousIndexToPhysicalPoint(index.tolist()))


def thumbnail(image: sitk.Image) -> np.ndarray:
    """Return the windowed voxels averaged over 32^3 blocks of the whole array, in stored order.

    The header plays no part: a copy with another origin, spacing or orientation has the same thumbnail, or a
    flipped one.
    """
    array = sitk.GetArrayViewFromImage(image)
    blocks = [np.linspace(0, n, size + 1).astype(int) for n, size in zip(array.shape, THUMBNAIL)]
    small = np.zeros(THUMBNAIL, np.float32)
    for k in range(THUMBNAIL[0]):
        start = min(blocks[0][k], array.shape[0] - 1)
        slab = array[start : max(blocks[0][k + 1], start + 1)].astype(np.float32)
        slab = np.clip(np.nan_to_num(slab), *_WINDOW_HU).mean(axis=0)
        rows = np.add.reduceat(slab, np.minimum(blocks[1][:-1], slab.shape[0] - 1), axis=0)
        cells = np.add.reduceat(rows, np.minimum(blocks[2][:-1], slab.shape[1] - 1), axis=1)
        area = np.outer(np.maximum(np.diff(blocks[1]), 1), np.maximum(np.diff(blocks[2]), 1))
        small[k] = cells / area
    small -= small.mean()
    return small / max(float(np.linalg.norm(small)), 1e-6)


def duplicates(audited: list[Audited], least: float = DUPLICATE_CORRELATION) -> list[Finding]:
    """Return a finding for every pair of cases that are the same scan, whichever way it is stored.

    Cases of one scan that was cropped differently are not found.
    """
    seen = [entry for entry in audited if entry.thumbnail is not None]
    findings = []
    for number, one in enumerate(seen):
        for other in seen[number + 1 :]:
            correlation = likeness(one.thumbnail, other.thumbnail)
            if correlation >= least:
                across = "" if one.split == other.split else ", on both sides of the split"
                text = f"The same scan as {other.case} (correlation {correlation:.3f}){across}."
                findings.append(Finding(one.case, "duplicate", text))
    return findings


def likeness(a: np.ndarray | None, b: np.ndarray | None) -> float:
    """Return the highest correlation of two thumbnails over the eight flips and the exchange of x and y."""
    if a is None or b is None:
        return 0.0
    turned = [b, b.transpose(0, 2, 1)]
    axes = [tuple(axis for axis in range(3) if bits[axis]) for bits in np.ndindex(2, 2, 2)]
    return max(float(np.vdot(a, np.flip(t, axis))) for t in turned for axis in axes)


def _times(values: tuple[float, ...]) -> str:
    return " x ".join(f"{value:g}" for value in values)
