"""Real CTs turned into the six protocols: the validation split, and training CTs for the controls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import SimpleITK as sitk

from livercnn_training.data.cases import Case, shared_cases
from livercnn_training.evaluate import read_reference
from LiverCoreLib.images import read_volume

from .exams import CT, PROTOCOLS, Exam, ExamPlan, Progress

DATA_SETS = ("ct-btcv", "ct-lits")

Item = TypeVar("Item")


def ct_plans(split: str) -> list[ExamPlan]:
    """Plans of the shared data's labelled CTs of a split. Raises DataError where there are none."""
    return [_plan(case) for case in shared_cases(split, DATA_SETS)]


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` of the items, evenly from the first to the last: of all data sets some."""
    if count >= len(items):
        return list(items)
    places = np.linspace(0, len(items) - 1, count).round().astype(int)
    return [items[place] for place in dict.fromkeys(places.tolist())]


def _plan(case: Case) -> ExamPlan:
    name = case.name.replace("/", "-")
    return ExamPlan(name, CT, {"ct": case.name}, lambda progress: _make(case, name, progress))


def _make(case: Case, name: str, progress: Progress) -> Exam:
    from LiverStandardizeLib.simulation.real_ct import simulate_protocols

    image = read_volume(case.image).image
    labels = sitk.ReadImage(str(case.labels))
    simulated = simulate_protocols(image, labels, protocols=PROTOCOLS, progress=progress)
    return Exam(name, simulated.images, read_reference(case), about={"ct": case.name, **simulated.to_dict()})
