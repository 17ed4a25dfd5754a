"""The phantom's people: measures by the references, liver by the regression, organs where they belong."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk

from LiverCoreLib.errors import Cancelled
from LiverStandardizeLib.simulation import Person, draw_person, make_abdomen
from LiverStandardizeLib.simulation.body import body_of, field_mm, span_mm
from LiverStandardizeLib.simulation.chance import Chance
from LiverStandardizeLib.simulation.checks.people import check_person
from LiverStandardizeLib.simulation.contrast import draw_contrast
from LiverStandardizeLib.simulation.drawing import draw
from LiverStandardizeLib.simulation.people import PersonError, draw_adult
from LiverStandardizeLib.simulation.plan import make_plan
from LiverStandardizeLib.simulation.stand import stand_of
from LiverStandardizeLib.simulation.tissues import LABELS

SIZE = (96, 96, 40)


# --- measures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "liver_ml"),
    [
        # Yang 2021 by hand: 707.12 * 0.4367^1.09, 691.90 * 1.8447^1.06, 663.19 * 1.6310^1.04
        (Person(1.0, "female", 74.0, 9.28), 286.6),
        (Person(30.0, "male", 175.0, 70.0), 1324.2),
        (Person(30.0, "female", 162.0, 59.11), 1103.0),
    ],
)
def test_the_expected_liver_is_that_of_the_regression(person, liver_ml) -> None:
    assert person.expected_liver_ml == pytest.approx(liver_ml, rel=2e-3)


@pytest.mark.parametrize(
    ("age", "sex", "height_cm", "bmi"),
    [
        (0, "male", 49.9, 13.4),
        (1, "female", 74.0, 16.4),
        (6, "male", 115.4, 15.4),
        (20, "female", 163.3, 21.7),
    ],
)
def test_many_people_have_the_medians_of_the_growth_references(age, sex, height_cm, bmi) -> None:
    """WHO 2006 and CDC 2000: medians of length or stature, and of BMI."""
    drawn = [draw_person(seed, age_years=age, sex=sex) for seed in range(200)]
    assert np.median([person.height_cm for person in drawn]) == pytest.approx(height_cm, rel=0.01)
    assert np.median([person.bmi for person in drawn]) == pytest.approx(bmi, rel=0.025)


def test_a_person_is_the_seeds_own_and_keeps_what_is_given() -> None:
    assert draw_person(5) == draw_person(5)
    assert draw_person(5) != draw_person(6)
    given = draw_person(5, age_years=7.5, sex="female", bmi=15.0)
    assert (given.age_years, given.sex) == (7.5, "female")
    assert given.bmi == pytest.approx(15.0)
    assert draw_person(5, bmi=None, age_years=7.5, sex="female").height_cm == given.height_cm


def test_people_of_all_ages_and_both_sexes_are_drawn() -> None:
    drawn = [draw_person(seed) for seed in range(300)]
    ages = np.array([person.age_years for person in drawn])
    assert ages.min() < 2
    assert ages.max() > 40
    assert 8 < ages.mean() < 16
    assert 100 < sum(person.sex == "male" for person in drawn) < 200
    assert all(20 <= draw_adult(seed).age_years <= 50 for seed in range(100))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"age_years": 51}, "0 to 50 years"),
        ({"age_years": -1}, "0 to 50 years"),
        ({"age_years": float("nan")}, "0 to 50 years"),
        ({"sex": "other"}, "male or female"),
        ({"age_years": 1, "bmi": 30}, "BMI can be"),
        ({"age_years": 30, "bmi": 8}, "BMI can be"),
    ],
)
def test_impossible_people_are_refused(arguments, says) -> None:
    with pytest.raises(PersonError, match=says):
        draw_person(0, **arguments)


@pytest.mark.parametrize("measures", [(30, "male", 90, 40), (5, "female", 110, 0), (5, "female", 110, -3)])
def test_impossible_measures_are_refused(measures) -> None:
    with pytest.raises(PersonError):
        Person(*measures)


# --- bodies -----------------------------------------------------------------------------------------------


def test_the_field_grows_with_the_person_and_with_fat() -> None:
    infant, child, adult = (draw_person(0, age_years=age, sex="male", bmi=17.7) for age in (0.5, 8, 30))
    obese = draw_person(0, age_years=30, sex="male", bmi=40)
    assert 120 < field_mm(infant) < field_mm(child) < field_mm(adult) < field_mm(obese) < 560
    assert span_mm(infant) < span_mm(child) < span_mm(adult) == span_mm(obese)


def test_fat_changes_the_body_and_not_the_size_of_organs() -> None:
    lean, obese = (body_of(draw_person(0, age_years=30, sex="female", bmi=bmi)) for bmi in (19, 38))
    assert lean.scale == obese.scale
    assert (lean.kidneys, lean.vessels, lean.bones) == (obese.kidneys, obese.vessels, obese.bones)
    assert obese.fat_mm > 2.5 * lean.fat_mm
    assert obese.visceral > lean.visceral + 0.3


def test_children_are_not_small_adults() -> None:
    infant, adult = (body_of(draw_person(0, age_years=age)) for age in (0.2, 30))
    assert (
        infant.extent_mm[0]
        * infant.scale[0]
        / ((infant.extent_mm[1] + infant.extent_mm[2]) / 2)
        / (infant.scale[1])
        < adult.extent_mm[0]
        * adult.scale[0]
        / ((adult.extent_mm[1] + adult.extent_mm[2]) / 2)
        / adult.scale[1]
    )
    assert infant.kidneys > adult.kidneys
    assert infant.vessels < adult.vessels
    assert infant.lordosis_mm < 1 < adult.lordosis_mm
    plans = [make_plan(body, Chance(0)) for body in (infant, adult)]
    assert plans[0].liver.size > plans[1].liver.size + 1


# --- pictures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "age", "bmi"), [(0, 0.1, None), (1, 2, None), (2, 9, None), (3, 25, 18.5), (4, 45, 40)]
)
def test_the_liver_has_its_volume_and_organs_lie_in_the_body(seed, age, bmi) -> None:
    checked = check_person(seed, draw_person(seed, age_years=age, bmi=bmi))
    assert checked.problems == ()
    assert checked.volume_error == pytest.approx(0, abs=0.05)


def test_the_liver_lies_lower_and_further_left_in_an_infant() -> None:
    """Its lowest point below the upper pole of the right kidney, its left end beyond the spine's edge."""
    reach = {}
    for age in (0.3, 30):
        labels = sitk.GetArrayFromImage(
            make_abdomen(0, size=SIZE, person=draw_person(0, age_years=age)).labels
        )
        liver, kidney = (np.argwhere(labels == LABELS[name]) for name in ("liver", "right_kidney"))
        body = make_extent(labels)
        low = (liver[:, 0].min() - kidney[:, 0].min()) / np.ptp(kidney[:, 0])
        left = (liver[:, 2].max() - SIZE[0] / 2) / body
        reach[age] = (low, left)
    assert reach[0.3][0] < reach[30][0] - 0.1
    assert reach[0.3][1] > reach[30][1] + 0.05


def make_extent(labels: np.ndarray) -> float:
    """Half the width that all organs together take."""
    found = np.flatnonzero((labels > 0).any(axis=(0, 1)))
    return float(found[-1] - found[0]) / 2


def test_slabs_fit_together_whatever_their_thickness() -> None:
    stand = stand_of(3, (64, 64, 33), None, draw_person(3, age_years=4))
    plan = make_plan(stand.body, Chance(3))
    contrast = draw_contrast(3)
    thin, thick = (draw(plan, stand.axes, contrast, slab_sections=count) for count in (5, 33))
    np.testing.assert_array_equal(thin.labels, thick.labels)
    # Where a cut ends, a slope is taken from one side: a few voxels of edges in a picture this coarse.
    assert (np.abs(thin.hu - thick.hu) > 0.5).mean() < 1e-3
    assert (np.abs(thin.maps - thick.maps) > 0.01).mean() < 1e-3


def test_a_part_of_the_field_shows_the_same_person() -> None:
    stand = stand_of(3, (96, 96, 40), None, draw_person(3, age_years=4))
    plan = make_plan(stand.body, Chance(3))
    whole = draw(plan, stand.axes)
    x, y, z = stand.axes
    part = draw(plan, (x[20:76], y[30:80], z[10:30]))
    same = part.labels == whole.labels[10:30, 30:80, 20:76]
    assert same.mean() > 0.998


def test_drawing_tells_its_progress_and_can_be_stopped() -> None:
    seen: list[float] = []

    def stop(fraction: float, message: str) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled()

    stand = stand_of(0, (32, 32, 64))
    plan = make_plan(stand.body, Chance(0))
    with pytest.raises(Cancelled):
        draw(plan, stand.axes, progress=stop, threads=1)
    assert seen == sorted(seen)
    assert all(fraction <= 0.3 for fraction in seen[:-1]) and seen[0] == 0.0
