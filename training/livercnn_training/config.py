"""Training configurations: frozen dataclasses, read from YAML or JSON, closed to unknown keys."""

from __future__ import annotations

import dataclasses
import json
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from LiverCoreLib.errors import LiverCNNError


class ConfigError(LiverCNNError):
    """A configuration with an unknown key or a value of the wrong kind."""

    id = "training-config"


@dataclass(frozen=True)
class InputContract:
    """What the network is fed: x = (clip(HU, hu_window) - offset_hu) / scale_hu on an isotropic grid."""

    spacing_mm: float = 2.0
    hu_window: tuple[float, float] = (-150.0, 250.0)
    offset_hu: float = 50.0
    scale_hu: float = 200.0
    median_filter_voxels: int = 1

    @property
    def pad_value(self) -> float:
        """Normalised value of what lies outside a scan (air)."""
        return (self.hu_window[0] - self.offset_hu) / self.scale_hu


@dataclass(frozen=True)
class Augmentation:
    """How much training scans vary; standard deviations unless stated. Zero switches a part off."""

    rotation_degrees: float = 7.0
    scale: float = 0.10  # of the logarithm, each axis
    flip_probability: float = 0.0  # each of x and y
    elastic_mm: float = 4.0
    elastic_spacing_mm: float = 60.0
    shift_hu: tuple[float, float] = (0.0, 25.0)  # mean, standard deviation
    contrast: float = 0.15  # of the logarithm
    fat_shift_hu: float = 20.0  # largest, uniform
    liver_shift_hu: float = 15.0
    liver_contrast: float = 0.25  # of the logarithm, about the liver's mean
    noise_hu: float = 25.0  # largest, uniform
    noise_probability: float = 0.5
    blur_probability: float = 0.2
    thick_slice_probability: float = 0.3
    lower_clip_hu: tuple[float, ...] = (-1000.0, -160.0, -125.0)
    upper_clip_hu: tuple[float, ...] = (160.0, 200.0, 240.0, 275.0, 1000.0)
    lesion_probability: float = 0.4
    largest_lesion_radius_mm: float = 35.0
    neighbour_mass_probability: float = 0.25
    largest_neighbour_radius_mm: float = 60.0


@dataclass(frozen=True)
class Optimizer:
    """``name``: adam, adamw, or sgd (with Nesterov momentum where momentum > 0)."""

    name: str = "adamw"
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    momentum: float = 0.9
    betas: tuple[float, float] = (0.9, 0.999)
    largest_gradient_norm: float = 1.0


@dataclass(frozen=True)
class Schedule:
    """``cosine``: warm-up, then a half cosine to 0. ``stepped``: times ``factor`` every ``every_epochs``.

    ``stepped`` begins after ``constant_epochs``.
    """

    name: str = "cosine"
    warmup_steps: int = 100
    steps_per_epoch: int = 100
    every_epochs: int = 32
    factor: float = 0.5
    constant_epochs: int = 0


@dataclass(frozen=True)
class Windows:
    """Trainer ``windows`` (unet3d): large windows of whole scans."""

    size_voxels: tuple[int, int, int] = (128, 176, 208)
    liver_fraction: float = 0.6  # windows centred near the liver; the rest anywhere in the scan
    copy_fraction: float = 0.5  # of the windows, where the pack holds simulated copies besides scans
    dice_weight: float = 1.0


@dataclass(frozen=True)
class Segments:
    """Trainer ``segments`` (deepmedic3): cubes of the output, half of them with liver."""

    output_voxels: int = 45
    liver_fraction: float = 0.5
    active_scans: int = 8  # augmented scans in memory at a time, the oldest replaced in turn
    steps_per_refresh: int = 1
    coarse_weight: float = 0.3  # of the coarse head's loss (for --fast)
    dice_weight: float = 0.0
    # First stage for small machines: the two coarse pathways and their head alone, on a grid 5/3 as coarse.
    coarse_only: bool = False
    # Second stage: the coarse pathways stay as they are; P1 and what joins it learn.
    coarse_frozen: bool = False


@dataclass(frozen=True)
class Patches:
    """Trainer ``protocols`` (standardizer): windows of sections, each in all protocols.

    The batch size counts windows.
    """

    size_pixels: int = 256
    margin_pixels: int = 16  # made and cut off: filters wrap around the edges of what is made
    windows_per_section: int = 1
    real_fraction: float = 0.5  # of the sections, where the pack holds real CTs besides phantoms
    liver_fraction: float = 0.4  # of the windows: their middle lies at the liver's height and width
    untold_fraction: float = 0.15  # of the sections: a network that can be told of their protocol is not
    inputs_per_step: int = 6  # protocols that take part in a step; fewer than there are: drawn by weight
    input_weights: dict[str, float] = field(default_factory=dict)  # of protocols with another than 1
    lesion_weight: float = 0.0  # of pixels of lesions drawn into simulated scans, besides 1, in both L1
    coarse_weight: float = 0.0  # of L1 between means over squares, which noise hardly hides
    grid_weight: float = 0.0  # of errors that repeat with the network's blocks of pixels
    texture_weight: float = 0.0  # of the loss that asks for the target's amount of noise


@dataclass(frozen=True)
class Scans:
    """How scanners vary, trainer ``protocols``: ranges, drawn evenly (dose: its logarithm)."""

    dose: tuple[float, float] = (0.35, 2.0)  # times the paper's
    kernel_lp_cm: tuple[float, float] = (3.0, 5.0)
    ir_strength: tuple[int, int] = (1, 5)
    classic_probability: float = 0.25  # monoenergetic inputs without noise reduction
    pixel_mm: tuple[float, float] = (0.6, 1.6)
    native_pixel_probability: float = 0.35  # pixels as the sections have them
    body_scale: tuple[float, float] = (0.5, 1.1)


@dataclass(frozen=True)
class Bodies:
    """How what is scanned varies, trainer ``protocols``; standard deviations unless stated."""

    iodine_level: float = 0.25  # of the logarithm
    unenhanced_probability: float = 0.1
    iodine_unevenness: float = 0.15  # of the logarithm, from place to place
    tissue_hu: float = 8.0
    most_lesions: int = 6
    lesions_in_liver: float = 0.6  # of the lesions; the rest anywhere in the body
    lesion_radius_mm: tuple[float, float] = (2.0, 22.0)  # range


@dataclass(frozen=True)
class Adversarial:
    """Trainer ``adversarial``, the standardizer's second stage: weights of the three losses.

    ``perceptual``: ``vgg19`` (``perceptual_path``: torchvision's file, whose SHA-256 starts with
    ``perceptual_sha256``) or ``segmenter`` (``perceptual_path``: the folder of a unet3d bundle).
    """

    l1_weight: float = 10.0
    perceptual_weight: float = 1.0
    gan_weight: float = 1.0
    discriminator_width: int = 64
    perceptual: str = "vgg19"
    perceptual_path: str = "vgg19-dcbb9e9d.pth"
    perceptual_sha256: str = "dcbb9e9d"


@dataclass(frozen=True)
class Validation:
    """Held-out cases in use, every so many steps: segmentation of those named, or all sections held out."""

    cases: tuple[str, ...] = ()
    every_steps: int = 800


@dataclass(frozen=True)
class TrainConfig:
    """A whole recipe. ``network_config`` goes to ``build`` of the library that has the network."""

    name: str
    network: str
    trainer: str
    steps: int
    batch_size: int
    network_config: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    precision: str = "bf16"  # on CUDA: bf16, fp16 or fp32; a CPU always computes in fp32
    learns: tuple[str, ...] = ()  # parts of the network that learn, by name, while the rest stays; none: all
    ema_decay: float = 0.999
    freeze_norm_fraction: float = 1.0  # of the steps, after which batch normalization keeps its statistics
    checkpoint_steps: int = 500
    tensorboard: bool = False
    input: InputContract = InputContract()
    augmentation: Augmentation = Augmentation()
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    windows: Windows = Windows()
    segments: Segments = Segments()
    patches: Patches = Patches()
    scans: Scans = Scans()
    bodies: Bodies = Bodies()
    adversarial: Adversarial = Adversarial()
    validation: Validation = Validation()

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        return json.loads(json.dumps(dataclasses.asdict(self)))


def load_config(path: Path, overrides: dict[str, Any] | None = None) -> TrainConfig:
    """Read a .yaml or .json recipe; ``overrides`` replaces top-level keys. Raises ConfigError."""
    values = _load_json(Path(path)) if Path(path).suffix == ".json" else load_yaml(Path(path))
    values.update(overrides or {})
    return config_from_dict(values)


def load_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file's table. Raises ConfigError for a file that is missing, not YAML or no table."""
    import yaml  # not on every training machine: those get JSON

    try:
        return _require_table(yaml.safe_load(_read_text(path)), path)
    except yaml.YAMLError as error:
        raise ConfigError(f"'{path}' is not valid YAML ({' '.join(str(error).split())}).") from error


def _load_json(path: Path) -> dict[str, Any]:
    try:
        return _require_table(json.loads(_read_text(path)), path)
    except json.JSONDecodeError as error:
        raise ConfigError(f"'{path}' is not valid JSON ({error}).") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"'{path}' cannot be read ({error}).") from error


def _require_table(values: Any, path: Path) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ConfigError(f"'{path}' must be a table of settings.")
    return values


def config_from_dict(values: dict[str, Any]) -> TrainConfig:
    """Return the recipe that a dictionary describes. Raises ConfigError with the dotted path of a bad key."""
    config: TrainConfig = _build(TrainConfig, values, "")
    for choice, allowed in (
        ("trainer", ("windows", "segments", "protocols", "adversarial")),
        ("precision", ("bf16", "fp16", "fp32")),
        ("optimizer.name", ("adam", "adamw", "sgd")),
        ("schedule.name", ("cosine", "stepped")),
        ("adversarial.perceptual", ("vgg19", "segmenter")),
    ):
        value: Any = config
        for part in choice.split("."):
            value = getattr(value, part)
        if value not in allowed:
            raise ConfigError(f"Recipe: '{choice}' is '{value}', expected one of {', '.join(allowed)}.")
    return config


def _build(kind: Any, values: Any, path: str) -> Any:
    if not isinstance(values, dict):
        raise ConfigError(f"Recipe: '{path}' must be a table of settings, not {values!r}.")
    hints = typing.get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ConfigError(f"Recipe: unknown setting '{path}{unknown[0]}'.")
    arguments = {key: _convert(hints[key], value, f"{path}{key}") for key, value in values.items()}
    try:
        return kind(**arguments)
    except TypeError as error:
        raise ConfigError(f"Recipe: {path or 'top level'}: {error}.") from error


def _convert(hint: Any, value: Any, path: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, f"{path}.")
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, (list, tuple)):
            raise ConfigError(f"Recipe: '{path}' must be a list, not {value!r}.")
        return tuple(value)
    if typing.get_origin(hint) is dict:
        return dict(value)
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ConfigError(f"Recipe: '{path}' must be {hint.__name__}, not {value!r}.")
    return value
