"""What simulating a CT does without copies: organs by batches, images written in place, upright sections."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from LiverStandardizeLib.simulation.real_ct.organ_sections import OrganSections
from LiverStandardizeLib.simulation.real_ct.picture import Picture, upright, upright_axes
from LiverStandardizeLib.simulation.real_ct.sections import AxialSections

DIRECTIONS = ("LPS", "RAS", "SPL", "AIL", "PSR")


def _image(direction: str, kind=np.int16) -> sitk.Image:
    voxels = np.random.default_rng(0).integers(0, 4, (6, 20, 24)).astype(kind)
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing((1.0, 1.5, 4.0))
    image.SetDirection(np.linalg.qr(np.eye(3) + 0.1 * np.arange(9).reshape(3, 3) % 0.2)[0].ravel().tolist())
    return sitk.DICOMOrient(image, direction)


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_upright_is_what_sitk_makes_of_it(direction):
    image = _image(direction)
    oriented = sitk.DICOMOrient(image, "LPS")
    assert np.array_equal(upright(image), sitk.GetArrayFromImage(oriented))
    assert np.shares_memory(upright(image), sitk.GetArrayViewFromImage(image))
    assert tuple(image.GetSpacing()[axis] for axis in upright_axes(image)[0]) == oriented.GetSpacing()


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_sections_are_put_where_they_were_taken(direction):
    image = _image(direction)
    copy = sitk.Image(image.GetSize(), sitk.sitkInt16)
    axial = AxialSections(image)
    sections = axial.view(sitk.GetArrayViewFromImage(image))
    for first in range(0, axial.count, 4):  # the last batch is not full
        here = slice(first, first + 4)
        axial.put(copy, here, sections[here])
    assert np.array_equal(sitk.GetArrayFromImage(copy), sitk.GetArrayFromImage(image))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_organs_of_some_sections_are_those_of_all(direction):
    labels = _image(direction, np.uint8)
    axial = AxialSections(labels)
    organs = OrganSections(labels, axial, {3: "liver", 1: "spleen", 2: "liver"})
    everything = organs.numbers(slice(0, axial.count))
    stored = axial.square_labels(axial.view(sitk.GetArrayFromImage(labels))).numpy()
    for number, code in ((1, 3), (2, 1), (3, 2)):
        assert np.array_equal(everything.numpy() == number, stored == code)
    assert np.array_equal(organs.numbers(slice(2, 4)), everything[2:4])
    liver = organs.inside(("liver",), slice(0, axial.count))
    assert np.array_equal(liver, (stored == 3) | (stored == 2))
    assert np.array_equal(organs.values_inside(("liver",), everything), everything[liver])
    assert len(organs.values_inside(("pancreas",), everything)) == 0


def test_the_picture_shows_the_fullest_section_of_a_large_image(monkeypatch):
    """Large enough for memory that is given back at once: a view of what is gone would end the process."""
    voxels = np.zeros((40, 512, 512), np.int16)
    voxels[17, 100:200, 100:200] = 100
    image = sitk.GetImageFromArray(voxels)
    drawn = []
    place = "LiverStandardizeLib.simulation.real_ct.picture.draw_panels"
    monkeypatch.setattr(place, lambda *what, **how: drawn.append(what))
    picture = Picture(image, None, [])
    picture.add({"FBP": image})
    picture.draw("portal", "picture.png")
    ((panels, liver, caption, _),) = drawn
    assert np.array_equal(panels[0].section, voxels[17])
    assert not liver.any()
    assert "section 17" in caption
