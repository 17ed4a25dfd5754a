"""Training state on disk: tensors in a safetensors file, everything else in JSON beside it. Never pickle.

The safetensors layout (8-byte header length, JSON header, raw little-endian data) is written and read here
with numpy alone, because a training machine may not have the safetensors package; tests hold the two against
each other. Files are written under a temporary name and renamed, so a killed run leaves the last good state.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from livercnn_training.config import ConfigError
from livercnn_training.players import Player

_TYPES = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "I64": np.int64,
    "I32": np.int32,
    "U8": np.uint8,
}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}


def write_tensors(path: Path, tensors: dict[str, np.ndarray]) -> None:
    """Write arrays as a safetensors file, atomically."""
    header: dict[str, Any] = {}
    offset = 0
    arrays = {name: np.asarray(array, order="C") for name, array in sorted(tensors.items())}
    for name, array in arrays.items():
        end = offset + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    encoded = json.dumps(header, separators=(",", ":")).encode("utf-8")
    encoded += b" " * (-len(encoded) % 8)
    temporary = path.with_suffix(path.suffix + ".part")
    with open(temporary, "wb") as stream:
        stream.write(struct.pack("<Q", len(encoded)) + encoded)
        for array in arrays.values():
            stream.write(array.tobytes())
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


def start_from(network: nn.Module, path: Path) -> None:
    """Give a fresh network the averaged weights of an earlier run.

    The network may have parts that the earlier one lacked, if they are zero at the start and so change
    nothing yet. Raises ConfigError for weights that do not fit.
    """
    given = {name: torch.from_numpy(array).float() for name, array in read_tensors(path).items()}
    fresh = network.state_dict()
    missing = [name for name in fresh if name not in given]
    unlike = [n for n, value in given.items() if n not in fresh or fresh[n].shape != value.shape]
    unlike += [name for name in missing if bool(fresh[name].any())]
    if unlike:
        raise ConfigError(f"The weights of '{path}' are of another network ({', '.join(unlike[:3])}).")
    network.load_state_dict({**fresh, **given})


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read a safetensors file that this project wrote: a checkpoint, or a bundle's weights."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        kind = np.dtype(_TYPES[entry["dtype"]])
        tensors[name] = np.frombuffer(body[start:end], kind).reshape(entry["shape"]).copy()
    return tensors


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write JSON, atomically."""
    temporary = path.with_suffix(path.suffix + ".part")
    temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
    os.replace(temporary, path)


def save(
    folder: Path,
    step: int,
    players: Sequence[Player],
    average: dict[str, torch.Tensor],
    scaler: Any,
    about: dict[str, Any],
) -> None:
    """Write ``last.safetensors`` and ``last.json``: all that resuming bit for bit needs."""
    tensors = {f"average.{name}": value for name, value in average.items()}
    plain: dict[str, Any] = {}
    for player in players:
        found, numbers = _player_state(player)
        tensors.update({player.prefix + name: value for name, value in found.items()})
        plain.update({player.prefix + name: value for name, value in numbers.items()})
    arrays = {name: value.detach().cpu().contiguous().numpy() for name, value in tensors.items()}
    # The step is in both files: a crash between the two renames is noticed on reading.
    arrays["step"] = np.array(step, np.int64)
    write_tensors(folder / "last.safetensors", arrays)
    write_json(folder / "last.json", {"step": step, **plain, "scaler": scaler.state_dict(), **about})


def _player_state(player: Player) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the tensors of a player's module and optimizer, and the optimizer's plain numbers."""
    tensors = {f"model.{name}": value for name, value in player.module.state_dict().items()}
    state = player.optimizer.state_dict()
    plain: dict[str, dict[str, Any]] = {}
    for number, slots in state["state"].items():
        for key, value in slots.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimizer.{number}.{key}"] = value
            else:
                plain.setdefault(str(number), {})[key] = value
    groups = [dict(group.items()) for group in state["param_groups"]]
    return tensors, {"optimizer_groups": groups, "optimizer_plain": plain}


def load(
    folder: Path, players: Sequence[Player], scaler: Any
) -> tuple[int, dict[str, torch.Tensor], dict[str, Any]]:
    """Read what save wrote; returns (steps done, average, about) and restores the players and the scaler."""
    about = json.loads((folder / "last.json").read_text(encoding="utf-8"))
    tensors = {
        name: torch.from_numpy(array) for name, array in read_tensors(folder / "last.safetensors").items()
    }
    step = int(tensors.pop("step"))
    for player in players:
        player.module.load_state_dict(_below(tensors, f"{player.prefix}model."))
        state: dict[int, dict[str, Any]] = {}
        for name, value in _below(tensors, f"{player.prefix}optimizer.").items():
            number, key = name.split(".", 1)
            state.setdefault(int(number), {})[key] = value
        for number_text, slots in about.pop(f"{player.prefix}optimizer_plain").items():
            state.setdefault(int(number_text), {}).update(slots)
        groups = about.pop(f"{player.prefix}optimizer_groups")
        player.optimizer.load_state_dict({"state": state, "param_groups": groups})
    scaler.load_state_dict(about.pop("scaler"))
    return step, _below(tensors, "average."), about


def _below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
