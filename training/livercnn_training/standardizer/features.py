"""What the perceptual loss compares: features of a network that was trained to tell things apart.

``vgg19``: the 16th convolution of VGG-19 (conv5_4, before its ReLU), as in Lee 2023, from a file that the
user supplies: torchvision's ``vgg19-dcbb9e9d.pth``, which this project may not pass on. ``segmenter``: where
there is no such file, features of one of this project's own 3D U-Nets, from its bundle.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from livercnn_training.checkpoint import read_tensors
from livercnn_training.config import Adversarial, ConfigError, InputContract
from LiverSegmentCNNLib.networks import build
from LiverSegmentCNNLib.networks.unet3d import FOLD, fold

VGG19_SHA256_STARTS = "dcbb9e9d"
"""Of the file that torchvision offers; its name carries it."""

# Convolutions between two poolings, and where they stand in torchvision's list of layers.
_VGG19_WIDTHS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
_IMAGENET_MEAN, _IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def make_features(settings: Adversarial, contract: InputContract, device: torch.device) -> nn.Module:
    """Return the frozen network that gives features (n, c, ...) of normalized sections (n, 1, y, x).

    Raises ConfigError for a file that is missing, or is not what the recipe says.
    """
    if settings.perceptual == "vgg19":
        network: nn.Module = Vgg19Features(_vgg19_weights(settings), contract)
    else:
        network = SegmenterFeatures(Path(settings.perceptual_path), contract)
    return network.to(device).eval().requires_grad_(False)


class Vgg19Features(nn.Module):
    """conv5_4 of VGG-19 before its ReLU; weights by torchvision's names (``features.N.weight``)."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, weights: dict[str, torch.Tensor], contract: InputContract) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for stage, (width, count) in enumerate(_VGG19_WIDTHS):
            layers += [nn.MaxPool2d(2, 2)] if stage else []
            for _ in range(count):
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
        self.features = nn.Sequential(*layers[:-1])
        self.load_state_dict({name: value for name, value in weights.items() if name.startswith("features.")})
        self.contract = contract
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer(
            "deviation", torch.tensor(_IMAGENET_DEVIATION).view(1, 3, 1, 1), persistent=False
        )

    def forward(self, sections: torch.Tensor) -> torch.Tensor:
        low, high = self.contract.hu_window
        hu = sections * self.contract.scale_hu + self.contract.offset_hu
        grey = ((hu - low) / (high - low)).expand(-1, 3, -1, -1)
        return self.features((grey - self.mean) / self.deviation)


class SegmenterFeatures(nn.Module):
    """The first two levels of a unet3d bundle, each section a scan of two equal slices."""

    def __init__(self, bundle: Path, contract: InputContract) -> None:
        super().__init__()
        card = _read_card(bundle)
        self.network = build("unet3d", card["architecture"]["config"])
        weights = read_tensors(bundle / card["weights"]["file"])
        self.network.load_state_dict(
            {name: torch.from_numpy(value).float() for name, value in weights.items()}
        )
        self.contract = contract
        self.window = tuple(card["input"]["hu_window"])
        self.offset_hu, self.scale_hu = card["input"]["offset_hu"], card["input"]["scale_hu"]

    def forward(self, sections: torch.Tensor) -> torch.Tensor:
        hu = sections * self.contract.scale_hu + self.contract.offset_hu
        x = (hu.clamp(*self.window) - self.offset_hu) / self.scale_hu
        rows, columns = x.shape[-2:]
        x = F.pad(x, (0, columns % FOLD, 0, rows % FOLD), mode="replicate")
        volume = x[:, :, None].expand(-1, -1, FOLD, -1, -1)
        x = F.relu(self.network.stem(fold(volume)))
        return self.network.down[1](self.network.down[0](x))


def perceptual_loss(features: nn.Module, made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean squared difference of features of sections (n, 1, y, x) (Lee 2023, equation 2)."""
    with torch.no_grad():
        target = features(wanted)
    return F.mse_loss(features(made).float(), target.float())


def _vgg19_weights(settings: Adversarial) -> dict[str, torch.Tensor]:
    path = Path(settings.perceptual_path)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(
            f"The perceptual loss needs VGG-19's weights at '{path}' ({error}); fetch torchvision's "
            "vgg19-dcbb9e9d.pth and set adversarial.perceptual_path, or adversarial.perceptual to segmenter."
        ) from error
    if not digest.startswith(settings.perceptual_sha256 or VGG19_SHA256_STARTS):
        raise ConfigError(
            f"'{path}' is not the file that the recipe means: its SHA-256 is {digest[:16]}..., expected "
            f"{settings.perceptual_sha256 or VGG19_SHA256_STARTS}...; fetch it again."
        )
    try:
        # weights_only: tensors alone are read, no code is run.
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ConfigError(f"'{path}' holds no weights ({error}).") from error


def _read_card(bundle: Path) -> dict[str, Any]:
    try:
        card = json.loads((bundle / "model.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ConfigError(
            f"The recipe's perceptual loss needs the bundle of a unet3d at '{bundle}' ({error}); set "
            "adversarial.perceptual_path to its folder."
        ) from error
    if card.get("architecture", {}).get("name") != "unet3d":
        raise ConfigError(
            f"'{bundle}' is not the bundle of a unet3d, whose features the perceptual loss takes."
        )
    return card
