"""Why a segmentation cannot be started now, in one sentence for the user."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import volumes
from LiverCoreScene.packages import missing_packages

from . import segments


@dataclass(frozen=True)
class Model:
    """A model that can be chosen. problem: why it cannot be used, or None."""

    id: str
    name: str
    modality: str
    threshold: float | None
    problem: str | None


def installed_models() -> tuple:
    """The default model's ID (None if there is none) and the models for segmentation that are installed."""
    if missing_packages():  # cards cannot be read without jsonschema
        return None, ()
    from LiverCoreLib import registry
    from LiverCoreLib.model_error import ModelError

    models = tuple(
        Model(one.id, one.card.name, one.card.modality, one.card.segment_output.threshold, None)
        if one.card is not None
        else Model(one.id, one.id, "", None, one.problem)
        for one in registry.list_models()
        if one.card is None or one.card.task == "segment"
    )
    try:
        return registry.default_model("segment", "CT"), models
    except ModelError:
        return None, models


def modality_of_model(model_id: str, default_id: str | None, models: tuple) -> str:
    """What a model ("" is the default one) is for; CT where its card is not known."""
    known = {one.id: one.modality for one in models}
    return known.get(model_id or default_id, "CT")


def why_no_model(model_id: str, default_id: str | None, models: tuple) -> str:
    """Why the model ("" is the default one) cannot be used; empty if it can."""
    missing = missing_packages()
    if missing:
        return _("Not installed: {packages}. Install what is missing in Liver Set-up.").format(
            packages=", ".join(missing)
        )
    if model_id and (os.path.basename(model_id) != model_id or os.path.exists(model_id)):
        return ""  # a path, which scripts may give; the worker looks into it
    wanted = model_id or default_id
    found = next((model for model in models if model.id == wanted), None)
    if wanted is None or (found is None and not model_id):
        return _("No model is installed; install one in Liver Set-up.")
    if found is None:
        return _("Model {model} is not installed; choose another, or install it in Liver Set-up.").format(
            model=wanted
        )
    if found.problem is not None:
        return _("Model {model} cannot be used: {problem}").format(model=wanted, problem=found.problem)
    return ""


def why_no_volume(volume: Any, modality: str) -> str:
    """Why a volume cannot be segmented by a model for a modality; empty if it can."""
    if volume is None:
        return _("Choose the CT to segment.")
    is_image = not (volume.IsA("vtkMRMLLabelMapVolumeNode") or volume.IsA("vtkMRMLVectorVolumeNode"))
    if not is_image or volumes.is_probability(volume):
        return _("{name} is not a CT; choose one.").format(name=volume.GetName())
    if not volumes.has_voxels(volume):
        return _("{name} holds no 3-D image; choose a whole CT series.").format(name=volume.GetName())
    found = volumes.modality_of(volume)
    if found is not None and found != modality:
        return _("{name} is {found}, and the model is for {wanted}; choose a {wanted} series.").format(
            name=volume.GetName(), found=found, wanted=modality
        )
    return ""


def why_no_target(volume: Any, segmentation: Any, segment_id: str, probability: Any) -> str:
    """Why results cannot land where they are wanted; empty if they can."""
    if probability is not None and probability.GetID() == volume.GetID():
        return _("The probability map would replace the input volume; choose another volume for it.")
    if probability is not None and probability.GetImageData() and not volumes.is_probability(probability):
        why = _("{name} holds an image, which the probability map would replace; choose a new volume.")
        return why.format(name=probability.GetName())
    if segmentation is None:
        return ""
    if not segments.holds_masks(segmentation):
        return _("{name} is made of surfaces; choose a new segmentation.").format(name=segmentation.GetName())
    if segment_id and segmentation.GetSegmentation().GetSegment(segment_id) is None:
        return _("The segment to replace is gone; choose another one.")
    return ""
