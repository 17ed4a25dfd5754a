"""Where two masks disagree: a labelmap and signed distances, for display."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from LiverCoreLib.errors import LiverCNNError

from .arguments import check_arguments
from .mesh import Mesh, mesh_of, vertex_distances_mm
from .packed import bit_indices, bits_at, count_bits
from .pairing import MaskPair, pair_masks
from .voxel_surface import apart_from, surface_of

AGREE = 1
ONLY_TEST = 2
ONLY_REFERENCE = 3


class EmptyMask(LiverCNNError):
    """There is nothing to draw: a mask has no voxel."""

    id = "empty-mask"


@dataclass(frozen=True)
class SurfaceMap:
    """Signed distances on one mask's surface.

    Attributes:
        points_lps: Surface points, n x 3, mm.
        signed_distance_mm: Distance from each point to the other surface, n values. Positive where the test
            lies outside the reference (too much), negative where it lies inside (too little), 0 where
            the surfaces coincide; the same for both masks' surfaces.
        triangles: m x 3 point numbers, counter-clockwise seen from outside; m is 0 in the voxel family.
    """

    points_lps: np.ndarray
    signed_distance_mm: np.ndarray
    triangles: np.ndarray


@dataclass(frozen=True)
class AgreementMaps:
    """Where a test mask and a reference mask agree and differ.

    Attributes:
        labelmap: uint8 on the common grid, cropped to both masks and one voxel around them: 0 background,
            ``AGREE`` (1), ``ONLY_TEST`` (2, false positive), ``ONLY_REFERENCE`` (3, false negative).
        on_test, on_reference: Signed distances on either surface.
        warnings: What was noted on the way, as in ``Comparison``.
    """

    labelmap: sitk.Image
    on_test: SurfaceMap
    on_reference: SurfaceMap
    warnings: tuple[str, ...]


def agreement_maps(
    reference: sitk.Image,
    test: sitk.Image,
    *,
    label: int = 1,
    geometry: str = "strict",
    family: str = "voxel",
    test_label: int | None = None,
) -> AgreementMaps:
    """Map the agreement of two masks.

    Args:
        reference, test, label, geometry, test_label: As in ``compare``.
        family: "voxel" gives points at the surface voxels' centres, whose largest distance is the
            ``hd_mm`` of ``compare``; "mesh" gives closed triangle meshes to draw.

    Raises:
        EmptyMask: If a mask has no voxel.
        InvalidArgument, UnsupportedMask, GeometryMismatch, TypeError: As ``compare``.
    """
    wanted_test_label = label if test_label is None else test_label
    check_arguments(label, wanted_test_label, None, geometry, family, families=("voxel", "mesh"))
    pair = pair_masks(
        reference, test, label=label, test_label=wanted_test_label, resample=geometry == "resample"
    )
    words_test, words_reference = _both_filled(pair, label, wanted_test_label)
    build = _voxel_maps if family == "voxel" else _mesh_maps
    on_test, on_reference = build(words_test, words_reference, pair)
    return AgreementMaps(_labelmap(words_test, words_reference, pair), on_test, on_reference, pair.warnings)


def _both_filled(pair: MaskPair, label: int, test_label: int) -> tuple[np.ndarray, np.ndarray]:
    for role, words, value in (("reference", pair.reference, label), ("test", pair.test, test_label)):
        if words is None or count_bits(words) == 0:
            raise EmptyMask(
                f"The {role} has no voxel of label {value}; there is no agreement to draw.", role=role
            )
    assert pair.test is not None and pair.reference is not None
    return pair.test, pair.reference


def _labelmap(test: np.ndarray, reference: np.ndarray, pair: MaskPair) -> sitk.Image:
    width = pair.shape[2]
    octets = [words.astype("<u8", copy=False).view(np.uint8) for words in (test, reference)]
    in_test, in_reference = (np.unpackbits(o, axis=2, count=width, bitorder="little") for o in octets)
    # 2 where only the test is, 3 where only the reference is, 1 where both are.
    labels = (
        ONLY_TEST * in_test
        + ONLY_REFERENCE * in_reference
        - (ONLY_TEST + ONLY_REFERENCE - AGREE) * (in_test & in_reference)
    )
    image = sitk.GetImageFromArray(labels)
    steps = pair.grid.steps_mm[:, ::-1]
    spacing = np.linalg.norm(steps, axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((steps / spacing).ravel().tolist())
    image.SetOrigin(pair.grid.position_lps(np.array(pair.corner)))
    return image


def _voxel_maps(test: np.ndarray, reference: np.ndarray, pair: MaskPair) -> tuple[SurfaceMap, SurfaceMap]:
    test_surface, reference_surface = surface_of(test), surface_of(reference)
    return (
        _voxel_map(test_surface, reference_surface, reference, pair, inside_sign=-1.0),
        _voxel_map(reference_surface, test_surface, test, pair, inside_sign=1.0),
    )


def _voxel_map(
    surface: np.ndarray, other_surface: np.ndarray, other: np.ndarray, pair: MaskPair, inside_sign: float
) -> SurfaceMap:
    shared = bit_indices(surface & other_surface)
    own, apart = apart_from(surface, other_surface, pair.grid.metric_steps())
    signed = np.where(bits_at(other, own), inside_sign, -inside_sign) * apart
    return SurfaceMap(
        points_lps=_positions(np.concatenate([shared, own]), pair),
        signed_distance_mm=np.concatenate([np.zeros(len(shared)), signed]),
        triangles=np.zeros((0, 3), dtype=np.int64),
    )


def _mesh_maps(test: np.ndarray, reference: np.ndarray, pair: MaskPair) -> tuple[SurfaceMap, SurfaceMap]:
    test_mesh, reference_mesh = mesh_of(test), mesh_of(reference)
    return (
        _mesh_map(test_mesh, reference_mesh, reference, pair, inside_sign=-1.0),
        _mesh_map(reference_mesh, test_mesh, test, pair, inside_sign=1.0),
    )


def _mesh_map(
    mesh: Mesh, other_mesh: Mesh, other: np.ndarray, pair: MaskPair, inside_sign: float
) -> SurfaceMap:
    distances = vertex_distances_mm(mesh, other_mesh, pair.grid.metric_steps())
    # A vertex is the middle of two voxels; if the other mask parts them, too, it is a vertex there, 0 away.
    inside = bits_at(other, mesh.half_indices // 2)
    # An index frame that is left-handed in space (z, y, x usually is) turns the triangles over.
    turned = np.linalg.det(pair.grid.steps_mm) < 0
    return SurfaceMap(
        points_lps=_positions(mesh.indices, pair),
        signed_distance_mm=np.where(inside, inside_sign, -inside_sign) * distances,
        triangles=mesh.triangles[:, ::-1] if turned else mesh.triangles,
    )


def _positions(indices: np.ndarray, pair: MaskPair) -> np.ndarray:
    return (indices + np.array(pair.corner)) @ pair.grid.steps_mm.T + pair.grid.origin_lps
