"""Why a segmentation cannot be started now, in one sentence for the user."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from LiverCoreScene import volumes

from . import segments


def why_no_volume(volume: Any, modality: str) -> str:
    """Why a volume cannot be segmented by a model for a modality; empty if it can."""
    if volume is None:
        return _("Choose the CT to segment.")
    is_image = not (volume.IsA("vtkMRMLLabelMapVolumeNode") or volume.IsA("vtkMRMLVectorVolumeNode"))
    if not is_image or volumes.is_map(volume):
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
