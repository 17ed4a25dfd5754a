"""Weights as bytes of the safetensors format: numbers with names and shapes, nothing that could run.

Stored as float16 (half the size; segmentation does not need more), handed out as float32.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from LiverCoreLib.model_error import ModelError

_STORED_TYPES = {"F16": np.float16, "F32": np.float32}
_MAX_DIMENSIONS = 5  # a 3D convolution kernel: (channels_out, channels_in, z, y, x)
_MAX_NAME_CHARACTERS = 256

_ZIP_MAGIC = b"PK\x03\x04"
_PICKLE_PROTOCOLS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


def parse_weights(content: bytes) -> dict[str, np.ndarray]:
    """Return the tensors in the bytes of a weights.safetensors as float32 arrays by name.

    Raises:
        ModelError: ``pickled-weights``, ``not-safetensors``, or ``bad-weights`` for another number type,
            too many dimensions, no tensors at all, NaN or infinity.
    """
    import safetensors

    _refuse_pickle(content)
    try:
        entries = safetensors.deserialize(content)
    except safetensors.SafetensorError as error:
        raise ModelError(
            f"weights.safetensors is not a safetensors file ({error}); get the bundle again from its source.",
            id="not-safetensors",
        ) from error
    weights = {
        name: _to_float32(name, tensor["dtype"], tensor["shape"], tensor["data"]) for name, tensor in entries
    }
    if not weights:
        raise _bad_weights("it holds no tensors")
    return weights


def pack_weights(weights: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of a weights.safetensors that holds the arrays as float16.

    Raises:
        ModelError: ``bad-weights`` for integer arrays, NaN, infinity or values that float16 cannot hold.
    """
    from safetensors.numpy import save

    stored = {}
    for name, array in weights.items():
        if array.dtype.kind != "f":
            raise _bad_weights(
                f"tensor {name!r} has type {array.dtype}; fold counters and normalisation into the "
                "convolutions, so that only floating point numbers remain"
            )
        _require_finite(name, array)
        with np.errstate(over="ignore"):
            half = np.ascontiguousarray(array, dtype=np.float16).reshape(array.shape)
        if not np.isfinite(half).all():
            raise _bad_weights(f"tensor {name!r} has values beyond the range of float16 (65504)")
        stored[name] = half
    # "pt" is what other readers of safetensors look for before they load tensors into torch.
    return save(stored, metadata={"format": "pt"})


def _refuse_pickle(content: bytes) -> None:
    if content[8:9] == b"{":  # the JSON header of a safetensors file starts after its 8-byte length
        return
    if content.startswith(_ZIP_MAGIC) or content.startswith(_PICKLE_PROTOCOLS):
        raise ModelError(
            "weights.safetensors is a Python pickle (such as a PyTorch .pt or .pth file), which can run code "
            "when it is opened, and is refused; ask for the model as a safetensors bundle.",
            id="pickled-weights",
        )


def _to_float32(name: str, dtype: str, shape: list[int], data: bytes) -> np.ndarray:
    if len(name) > _MAX_NAME_CHARACTERS:
        raise _bad_weights(f"a tensor's name has {len(name)} characters")
    if dtype not in _STORED_TYPES:
        raise _bad_weights(f"tensor {name!r} has type {dtype}, not one of {', '.join(_STORED_TYPES)}")
    if len(shape) > _MAX_DIMENSIONS or 0 in shape:
        raise _bad_weights(f"tensor {name!r} has the shape {tuple(shape)}")
    array = np.frombuffer(data, dtype=np.dtype(_STORED_TYPES[dtype]).newbyteorder("<")).reshape(shape)
    _require_finite(name, array)
    return array.astype(np.float32)


def _require_finite(name: str, array: np.ndarray) -> None:
    if not np.isfinite(array).all():
        raise _bad_weights(f"tensor {name!r} has NaN or infinity among its values")


def _bad_weights(reason: str) -> ModelError:
    return ModelError(
        f"The model's weights cannot be used: {reason}; get the bundle again from its source.",
        id="bad-weights",
    )
