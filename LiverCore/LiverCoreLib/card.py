"""The card of a model: what it is, what goes in, what comes out, how it was made and measured.

A :class:`Card` is made from plain data by :meth:`Card.from_dict`, which checks it against the JSON schema
in ``Resources/model-card.schema.json``; :meth:`Card.to_dict` gives the same data back.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from LiverCoreLib.card_schema import check_card_data, parse_card_json
from LiverCoreLib.model_error import ModelError

# A card can only choose among these; it never names code. A new network adds its name here.
ARCHITECTURES = ("unet3d", "deepmedic3", "unet2d", "standardizer")


@dataclass(frozen=True)
class Architecture:
    """The network: a name from :data:`ARCHITECTURES` and its settings, which the network itself checks."""

    name: str
    config: Mapping[str, Any]


@dataclass(frozen=True)
class WeightsFile:
    """The weights' file name, its size in bytes and the SHA-256 of its bytes (lower-case hex)."""

    file: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class GoldenFile:
    """The golden file, and the largest absolute difference that a machine's own result may show."""

    file: str
    size_bytes: int
    sha256: str
    tolerance: float


@dataclass(frozen=True)
class InputContract:
    """What the network is fed: ``x = (clip(value, *hu_window) - offset_hu) / scale_hu``.

    Attributes:
        orientation: Patient directions towards which the axes x, y, z grow; ``"LPS"``.
        spacing_mm: Voxel size along x, y, z after resampling.
        hu_window: Lower and upper clipping limit, HU.
        offset_hu, scale_hu: Normalisation, HU.
        median_filter_voxels: Edge of the median filter's cube in voxels; 1 is none.
        pad_value_hu: Value outside the volume, HU, before clipping.
        crop: ``"body"`` (in-plane box around the body) or ``"none"``.
    """

    orientation: str
    spacing_mm: tuple[float, float, float]
    hu_window: tuple[float, float]
    offset_hu: float
    scale_hu: float
    median_filter_voxels: int
    pad_value_hu: float
    crop: str


@dataclass(frozen=True)
class Postprocessing:
    """Eroded by ``erode_mm``, then ``keep`` (``"largest_component"`` or ``"all"``), then grown back."""

    erode_mm: float
    keep: str


@dataclass(frozen=True)
class SegmentOutput:
    """A probability in 0..1 (``kind`` is ``"probability"``); the mask is where it exceeds ``threshold``."""

    kind: str
    threshold: float
    postprocessing: Postprocessing


@dataclass(frozen=True)
class StandardizeOutput:
    """A volume in HU (``kind`` is ``"hu"``) that looks like ``target_protocol``, such as M80."""

    kind: str
    target_protocol: str


@dataclass(frozen=True)
class Card:
    """A checked model card. ``training`` and ``evaluation`` are plain data as the schema describes them."""

    schema_version: int
    id: str
    name: str
    version: str
    task: str
    modality: str
    architecture: Architecture
    weights: WeightsFile
    golden: GoldenFile | None
    input: InputContract
    output: SegmentOutput | StandardizeOutput
    training: Mapping[str, Any]
    evaluation: tuple[Mapping[str, Any], ...]
    intended_use: str
    out_of_scope_use: tuple[str, ...]
    failure_modes: tuple[str, ...]
    weights_licence: str
    citations: tuple[str, ...]

    @classmethod
    def from_json(cls, content: bytes) -> Card:
        """Return the card in the bytes of a model.json. Raises ModelError as :meth:`from_dict` does.

        The same bytes give the same card: to check one takes longer than a window may stand still.
        """
        return _card_of(content)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Card:
        """Return the card of plain data.

        Raises:
            ModelError: ``bad-card`` with the dotted path of the first bad field, or
                ``unknown-architecture`` for a network that this version does not have.
        """
        plain = _plain(data)
        check_card_data(plain)
        return cls._from_checked(plain)

    @classmethod
    def _from_checked(cls, data: dict[str, Any]) -> Card:
        fields = dict(data)
        _require_known_architecture(fields["architecture"]["name"])
        inputs, golden = fields["input"], fields.get("golden")
        fields.update(
            architecture=Architecture(**fields["architecture"]),
            weights=WeightsFile(**fields["weights"]),
            golden=None if golden is None else GoldenFile(**golden),
            input=InputContract(
                **{
                    **inputs,
                    "spacing_mm": tuple(inputs["spacing_mm"]),
                    "hu_window": tuple(inputs["hu_window"]),
                }
            ),
            output=_output(fields["output"]),
        )
        for name in ("evaluation", "out_of_scope_use", "failure_modes", "citations"):
            fields[name] = tuple(fields[name])
        return cls(**fields)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON-ready data in the order of the fields; what does not exist is left out."""
        return {name: _plain(value) for name, value in vars(self).items() if value is not None}

    @property
    def raw(self) -> dict[str, Any]:
        """The card as plain data, a fresh copy."""
        return self.to_dict()

    @property
    def segment_output(self) -> SegmentOutput:
        """The output of a segmentation model. Raises ModelError (``wrong-task``) for another task."""
        if not isinstance(self.output, SegmentOutput):
            raise self._wrong_task("segment")
        return self.output

    @property
    def standardize_output(self) -> StandardizeOutput:
        """The output of a standardization model. Raises ModelError (``wrong-task``) for another task."""
        if not isinstance(self.output, StandardizeOutput):
            raise self._wrong_task("standardize")
        return self.output

    def _wrong_task(self, wanted: str) -> ModelError:
        return ModelError(
            f"Model '{self.id}' is made to {self.task}, not to {wanted}; choose another one of "
            "`livercnn models list`.",
            id="wrong-task",
            found=self.task,
            expected=wanted,
        )


def _output(data: dict[str, Any]) -> SegmentOutput | StandardizeOutput:
    if data["kind"] == "hu":
        return StandardizeOutput(**data)
    return SegmentOutput(data["kind"], data["threshold"], Postprocessing(**data["postprocessing"]))


def _require_known_architecture(name: str) -> None:
    if name not in ARCHITECTURES:
        raise ModelError(
            f"The model's architecture '{name}' is not one of {', '.join(ARCHITECTURES)}; it needs a newer "
            "version of LiverCNN, or comes from elsewhere.",
            id="unknown-architecture",
            found=name,
            expected=ARCHITECTURES,
        )


def _plain(value: Any) -> Any:
    """Dataclasses, mappings and tuples as fresh dicts and lists."""
    if hasattr(value, "__dataclass_fields__"):
        return _plain(vars(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


@functools.lru_cache(maxsize=32)
def _card_of(content: bytes) -> Card:
    return Card._from_checked(parse_card_json(content))
