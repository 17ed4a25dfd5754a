"""Synthetic CT volumes with a known liver, and stand-ins for networks, for the tests of the pipeline."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk
import torch

from LiverCoreLib.card import Card
from LiverSegmentCNNLib.model import SegmentationModel

AIR_HU, BODY_HU, LIVER_HU, FAT_HU = -1000, 30, 110, -100
LIVER_CENTRE = np.array([-55.0, 5.0, 20.0])  # LPS, mm
LIVER_RADII = np.array([70.0, 55.0, 50.0])
BODY_RADII = np.array([150.0, 110.0])


def lattice_image(size, spacing, direction=None, centre=(0.0, 0.0, 0.0), pixel=sitk.sitkInt16) -> sitk.Image:
    """An empty image whose middle lies at `centre` (LPS, mm); `direction` is a 3x3 matrix."""
    image = sitk.Image([int(n) for n in size], pixel)
    image.SetSpacing([float(value) for value in spacing])
    matrix = np.eye(3) if direction is None else np.asarray(direction, float)
    image.SetDirection(matrix.ravel().tolist())
    middle = matrix @ ((np.asarray(size) - 1) / 2 * np.asarray(spacing))
    image.SetOrigin((np.asarray(centre) - middle).tolist())
    return image


def points(image: sitk.Image) -> np.ndarray:
    """(k, j, i, 3): where each voxel's centre lies in LPS, mm."""
    i, j, k = (np.arange(n) for n in image.GetSize())
    index = np.stack(np.meshgrid(k, j, i, indexing="ij"), axis=-1)[..., ::-1]
    matrix = np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing()
    return index @ matrix.T + image.GetOrigin()


def inside_liver(where: np.ndarray) -> np.ndarray:
    """Whether points (..., 3) lie in the ellipsoid that stands for the liver."""
    return (((where - LIVER_CENTRE) / LIVER_RADII) ** 2).sum(axis=-1) < 1


def abdomen(size=(110, 90, 60), spacing=(3.0, 3.0, 3.0), direction=None, noise_hu=5.0, seed=0) -> sitk.Image:
    """A CT (int16, HU): an elliptic cylinder of soft tissue with a layer of fat in air, and the liver in
    it.
    """
    image = lattice_image(size, spacing, direction)
    where = points(image)
    radius = np.hypot(where[..., 0] / BODY_RADII[0], where[..., 1] / BODY_RADII[1])
    hu = np.where(radius < 1, np.where(radius < 0.9, BODY_HU, FAT_HU), AIR_HU).astype(np.float32)
    hu[inside_liver(where)] = LIVER_HU
    hu += np.random.default_rng(seed).normal(0, noise_hu, hu.shape)
    return filled(image, np.rint(hu))


def liver_of(image: sitk.Image) -> np.ndarray:
    """The true liver (bool k, j, i) of an `abdomen`."""
    return inside_liver(points(image))


def filled(image: sitk.Image, values: np.ndarray, pixel=np.int16) -> sitk.Image:
    """`values` (k, j, i) as an image in the place of `image`."""
    result = sitk.GetImageFromArray(values.astype(pixel))
    result.CopyInformation(image)
    return result


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Overlap of two masks on one grid."""
    a, b = np.asarray(a, bool), np.asarray(b, bool)
    return 2 * np.count_nonzero(a & b) / max(1, np.count_nonzero(a) + np.count_nonzero(b))


def mask_array(image: sitk.Image) -> np.ndarray:
    """A mask's voxels as bool (k, j, i)."""
    return sitk.GetArrayFromImage(image) > 0


class BrightnessNetwork(torch.nn.Module):
    """Calls liver what is brighter than soft tissue: the pipeline's stand-in for a trained network."""

    def __init__(self, card: Card, supports_fast: bool = False) -> None:
        super().__init__()
        self.supports_fast = supports_fast
        self.calls: list = []
        self._card = card

    def probability(self, volume, *, pad_value, region=None, fast=False, progress=None):
        """A logistic function of HU, half-way between body and liver at 0.5."""
        self.calls.append(
            {"shape": tuple(volume.shape), "pad_value": pad_value, "fast": fast, "region": region}
        )
        for step in range(4):
            if progress is not None:
                progress(step / 4, "thinking")
        hu = volume * self._card.input.scale_hu + self._card.input.offset_hu
        result = torch.sigmoid((hu - (BODY_HU + LIVER_HU) / 2) / 8)
        return result if region is None else torch.where(region, result, torch.zeros(()))


def card_data(**changes) -> dict:
    """A valid card of a CT segmentation model as plain data; `changes` replace parts of "input"."""
    data = {
        "schema_version": 1,
        "id": "test-ct",
        "name": "Test",
        "version": "1.0.0",
        "task": "segment",
        "modality": "CT",
        "architecture": {"name": "unet3d", "config": {"widths": [2, 2]}},
        "weights": {"file": "weights.safetensors", "size_bytes": 1, "sha256": "0" * 64},
        "input": {
            "orientation": "LPS",
            "spacing_mm": [3.0, 3.0, 3.0],
            "hu_window": [-150, 250],
            "offset_hu": 50,
            "scale_hu": 200,
            "median_filter_voxels": 1,
            "pad_value_hu": -1000,
            "crop": "body",
        },
        "output": {
            "kind": "probability",
            "threshold": 0.5,
            "postprocessing": {"erode_mm": 3.0, "keep": "largest_component"},
        },
        "training": {
            "data": [{"name": "none", "cases": 1, "licence": "none"}],
            "recipe": "none",
            "seed": 0,
            "commit": "none",
            "versions": {"torch": "none"},
            "hardware": "none",
            "duration_s": 0,
            "steps": 0,
            "notes": "not trained",
        },
        "evaluation": [],
        "intended_use": "tests",
        "out_of_scope_use": ["anything else"],
        "failure_modes": ["all"],
        "weights_licence": "none",
        "citations": ["none"],
    }
    data["input"].update(changes)
    return data


def brightness_model(supports_fast: bool = False, **changes) -> SegmentationModel:
    """A loaded model around a BrightnessNetwork; `changes` replace parts of the card's "input"."""
    card = Card.from_dict(card_data(**changes))
    return SegmentationModel(card, card.segment_output, BrightnessNetwork(card, supports_fast), "0" * 64)
