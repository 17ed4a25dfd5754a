"""From a CT in any geometry to a network's input, and what the way back needs.

In order, each step with its reason:
1. see the image along the patient's axes (LPS): views for flips and permutations, interpolation when oblique;
2. crop to the body in the plane: tables and air cost time; all slices stay, networks need the whole abdomen;
3. resample to the model's spacing, smoothing before going coarser, on values clamped to the range of tissue,
   so that padding and metal do not spread;
4. median filter, if the model has one, before the window, which would bias it near its ends;
5. window and scale.
Arrays are (z, y, x), z to the head, y to the back, x to the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.card import InputContract
from LiverCoreLib.geometry import Lattice, PatientGrid, PatientVolume, Triple, patient_grid
from LiverCoreLib.stages import Progress

from .body import coarse_steps, find_body
from .resampling import axis_matrix, output_count, resample_slabs

CLAMP_HU = (-1024.0, 1500.0)
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class ModelGrid:
    """Where a network's input lies: voxels of `spacing_mm` from the outer edge of `box` on `grid`.

    `lattice` is the grid of the image itself, `grid` the one along the patient's axes on which it is read,
    `box` the part of `grid` that was taken (slices for z, y, x); `shape` and `spacing_mm` are the model's
    (z, y, x).
    """

    lattice: Lattice
    grid: PatientGrid
    box: Box
    shape: tuple[int, int, int]
    spacing_mm: Triple

    def matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Resampling matrices (model, box) for z, y, x."""
        sizes = [part.stop - part.start for part in self.box]
        z, y, x = (
            axis_matrix(*axis) for axis in zip(sizes, self.grid.spacing_mm, self.shape, self.spacing_mm)
        )
        return z, y, x

    @property
    def origin_lps(self) -> Triple:
        """Centre of model voxel (0, 0, 0) as (x, y, z) in mm."""
        start = np.array([part.start for part in self.box]) - 0.5
        edge = np.asarray(self.grid.origin_lps) + (start * self.grid.spacing_mm)[::-1]
        x, y, z = edge + np.asarray(self.spacing_mm)[::-1] / 2
        return float(x), float(y), float(z)

    def resample(self, volume: PatientVolume, progress: Progress = None) -> np.ndarray:
        """A volume that is read on `grid` brought to the model's voxels: float32 (z, y, x), in its own
        units.
        """
        rows, columns = self.box[1:]
        first = self.box[0].start

        def read_slab(start: int, stop: int) -> np.ndarray:
            return volume.read((slice(first + start, first + stop), rows, columns))

        return resample_slabs(read_slab, self.matrices(), progress)

    def image(self, array: np.ndarray) -> sitk.Image:
        """An array (z, y, x) on the model's voxels as an image in its place in the patient."""
        image = sitk.GetImageFromArray(array)
        image.SetSpacing(tuple(reversed(self.spacing_mm)))
        image.SetOrigin(self.origin_lps)
        return image


@dataclass(frozen=True)
class ModelInput:
    """A network's input, ready: `array` float32 (z, y, x) normalised; `region` bool, the same shape, true
    within 6 mm of the body's tissue (no liver lies elsewhere); `pad_value` is what lies beyond, in the
    array's units.
    """

    array: np.ndarray
    region: np.ndarray
    pad_value: float
    geometry: ModelGrid


def preprocess(
    image: sitk.Image, card_input: InputContract, *, hu_offset: float = 0.0, progress: Progress = None
) -> ModelInput:
    """Prepare a CT (3-D scalar image, HU once `hu_offset` is added) for a model.

    `card_input` is the "input" of the model's card. Values that are not finite count as the pad value,
    those outside [-1024, 1500] HU as the nearer of the two. `image` is only read. Memory beside it: the
    result and some 40 MB.
    """
    lattice = Lattice.of(image)
    grid = patient_grid(lattice, spacing_zyx(card_input))
    fill = max(card_input.pad_value_hu - hu_offset, _lowest_value(image))
    volume = PatientVolume(image, grid, fill=fill, offset=hu_offset, limits=CLAMP_HU)
    geometry, region = locate(volume, lattice, card_input)
    hu = geometry.resample(volume, progress)
    if card_input.median_filter_voxels == 3:
        hu = _median(hu)
    return ModelInput(normalise(hu, card_input), region, pad_value(card_input), geometry)


def normalise(hu: np.ndarray, card_input: InputContract) -> np.ndarray:
    """(clip(HU, window) - offset) / scale; works in place on a float array and returns it."""
    np.clip(hu, *card_input.hu_window, out=hu)
    hu -= card_input.offset_hu
    hu /= card_input.scale_hu
    return hu


def pad_value(card_input: InputContract) -> float:
    """What lies outside the volume, in the network's units."""
    low, high = card_input.hu_window
    return (min(max(card_input.pad_value_hu, low), high) - card_input.offset_hu) / card_input.scale_hu


def spacing_zyx(card_input: InputContract) -> Triple:
    """The model's spacing in mm in array order; cards list it as x, y, z."""
    x, y, z = card_input.spacing_mm
    return z, y, x


def locate(
    volume: PatientVolume, lattice: Lattice, card_input: InputContract
) -> tuple[ModelGrid, np.ndarray]:
    """The model's grid for a volume, cropped to the body if the model wants that, and the body on it (bool
    zyx).
    """
    grid, spacing_mm = volume.grid, spacing_zyx(card_input)
    steps = coarse_steps(grid.spacing_mm)
    body = find_body(volume.sample(steps), steps, grid.shape, grid.spacing_mm)
    box = body.box
    if card_input.crop == "none":
        box = (slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    count = [
        output_count(part.stop - part.start, spacing, target)
        for part, spacing, target in zip(box, grid.spacing_mm, spacing_mm)
    ]
    shape = (count[0], count[1], count[2])
    z, y, x = (
        part.start - 0.5 + (np.arange(n) + 0.5) * target / spacing
        for part, n, target, spacing in zip(box, shape, spacing_mm, grid.spacing_mm)
    )
    return ModelGrid(lattice, grid, box, shape, spacing_mm), body.near_at((z, y, x))


def _lowest_value(image: sitk.Image) -> float:
    """About the lowest finite value: what air reads in a CT whose low values were clipped away."""
    array = sitk.GetArrayViewFromImage(image)
    k, j, i = coarse_steps(tuple(reversed(image.GetSpacing())))
    sample = array[::k, ::j, ::i]
    finite = sample[np.isfinite(sample)]
    return float(finite.min()) if finite.size else -np.inf


def _median(hu: np.ndarray) -> np.ndarray:
    import torch

    from .median import median3

    return median3(torch.from_numpy(hu)).numpy()
