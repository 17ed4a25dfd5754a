"""Why a standardization cannot be started now, in one sentence for the user."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreLib.ct_checks import FEWEST_SLICES
from LiverCoreScene import model_choice, volumes
from LiverCoreScene.standardized import is_standardized

DEFAULT_TARGET = "M80"


def target_of_model(model_id: str, default_id: str | None, models: tuple) -> str:
    """The protocol that a model ("" is the default one) makes; M80 where its card is not known."""
    model = model_choice.chosen_model(model_id, default_id, models)
    if model is None or model.card is None:
        return DEFAULT_TARGET
    return model.card.output.target_protocol


def why_no_volume(volume: Any) -> str:
    """Why a volume cannot be standardized, as far as is known without its voxels; empty if it can."""
    if volume is None:
        return _("Choose the CT to standardize.")
    is_image = not (volume.IsA("vtkMRMLLabelMapVolumeNode") or volume.IsA("vtkMRMLVectorVolumeNode"))
    if not is_image or volumes.is_map(volume):
        return _("{name} is not a CT; choose one.").format(name=volume.GetName())
    if not volumes.has_voxels(volume):
        return _("{name} holds no 3-D image; choose a whole CT series.").format(name=volume.GetName())
    if min(volumes.array_shape(volume)) < FEWEST_SLICES:
        return _("{name} has {count} slices, and {fewest} are needed; choose the whole series.").format(
            name=volume.GetName(), count=min(volumes.array_shape(volume)), fewest=FEWEST_SLICES
        )
    if volume.GetImageData().GetNumberOfScalarComponents() != 1:
        return _("{name} holds colours; choose a CT.").format(name=volume.GetName())
    found = volumes.modality_of(volume)
    if found not in (None, "CT"):
        return _("{name} is {found}, and only CT has these protocols; choose a CT series.").format(
            name=volume.GetName(), found=found
        )
    return ""


def why_no_output(volume: Any, output: Any) -> str:
    """Why the result cannot land where it is wanted; empty if it can. output: None for a new volume."""
    if output is None:
        return ""
    if output.GetID() == volume.GetID():
        return _("The result would replace the input volume; choose another volume for it.")
    if output.GetImageData() is not None and not is_standardized(output):
        return _("{name} holds an image of its own, which would be replaced; choose a new volume.").format(
            name=output.GetName()
        )
    return ""
