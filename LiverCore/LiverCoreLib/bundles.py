"""Model bundles: a folder or a zip with model.json, weights.safetensors and golden.npz.

A bundle may come from a stranger. It is read in an order in which no step has to trust the next:
the card by its schema, then sizes, then SHA-256, and only then the content of the other files; none of
them can name or hold code.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

import numpy as np

from LiverCoreLib.card import Card, GoldenFile, WeightsFile
from LiverCoreLib.card_schema import MAX_CARD_BYTES
from LiverCoreLib.golden import MAX_GOLDEN_BYTES, pack_golden, parse_golden
from LiverCoreLib.model_error import ModelError
from LiverCoreLib.safezip import read_zip
from LiverCoreLib.weights import pack_weights, parse_weights

__all__ = [
    "CARD_FILE",
    "GOLDEN_FILE",
    "WEIGHTS_FILE",
    "Bundle",
    "ModelError",
    "check_files",
    "load_bundle",
    "read_card",
    "read_files",
    "write_bundle",
    "write_files",
]

PathLike = Union[str, "os.PathLike[str]"]

CARD_FILE = "model.json"
WEIGHTS_FILE = "weights.safetensors"
GOLDEN_FILE = "golden.npz"

_MAX_BYTES = {CARD_FILE: MAX_CARD_BYTES, WEIGHTS_FILE: 512 << 20, GOLDEN_FILE: MAX_GOLDEN_BYTES}


@dataclass(frozen=True)
class Bundle:
    """A model that has passed every check.

    Attributes:
        card: What the model is.
        weights: Tensors by name, float32.
        golden: A tiny input and its output by name, or None where the card has none.
        sha256: Identifies card, weights and golden together: the SHA-256 of the lines that
            ``sha256sum golden.npz model.json weights.safetensors`` prints (files that exist, by name).
            The same for the folder and the zip.
        path: The folder or zip it was read from.
    """

    card: Card
    weights: Mapping[str, np.ndarray]
    golden: Mapping[str, np.ndarray] | None
    sha256: str
    path: Path

    def __repr__(self) -> str:
        numbers = sum(array.size for array in self.weights.values())
        return f"Bundle({self.card.id} {self.card.version}, {numbers} weights, sha256 {self.sha256[:12]}...)"


def load_bundle(path: PathLike) -> Bundle:
    """Return the bundle in a folder or zip after every check.

    Raises:
        ModelError: See its list of ids; nothing of a bundle that fails a check is handed out.
    """
    return check_files(read_files(path), Path(path))


def read_card(path: PathLike) -> Card:
    """Return the card of a folder or zip; the weights are not looked at. Raises ModelError."""
    path = Path(path)
    if path.is_dir():
        return Card.from_json(_read_file(path / CARD_FILE))
    return Card.from_json(_required(read_files(path), CARD_FILE))


def read_files(path: PathLike) -> dict[str, bytes]:
    """Return the bundle's files by name, within their size limits but otherwise unchecked.

    Raises:
        ModelError: ``model-not-found``, ``not-a-bundle``, ``missing-file``, ``pickled-weights`` or one of
            ``read_zip``.
    """
    path = Path(path)
    if path.is_dir():
        names = [CARD_FILE, WEIGHTS_FILE]
        names += [GOLDEN_FILE] if (path / GOLDEN_FILE).exists() else []
        return {name: _read_file(path / name) for name in names}
    if not path.exists():
        raise ModelError(
            f"There is no model at {path}; give the folder or zip of a bundle.",
            id="model-not-found",
            path=str(path),
        )
    if path.suffix.lower() in (".pt", ".pth", ".pkl", ".pickle", ".ckpt"):
        raise ModelError(
            f"{path.name} is a Python pickle, which can run code when it is opened, and is refused; ask for "
            "the model as a safetensors bundle.",
            id="pickled-weights",
            path=str(path),
        )
    try:
        return read_zip(path, _MAX_BYTES)
    except OSError as error:
        raise _cannot_read(path, error) from error


def check_files(files: Mapping[str, bytes], path: Path) -> Bundle:
    """Return the bundle in files that are already in memory, after every check; ``path`` is kept with it."""
    card = Card.from_json(_required(files, CARD_FILE))
    weights_content = _required(files, WEIGHTS_FILE)
    _check_size_and_hash(WEIGHTS_FILE, weights_content, card.weights)
    golden = None
    if card.golden is not None:
        golden_content = _required(files, GOLDEN_FILE)
        _check_size_and_hash(GOLDEN_FILE, golden_content, card.golden)
        golden = parse_golden(golden_content)
    return Bundle(
        card=card,
        weights=parse_weights(weights_content),
        golden=golden,
        sha256=_bundle_sha256(files),
        path=path,
    )


def write_bundle(
    folder: PathLike,
    card: Mapping[str, Any],
    weights: Mapping[str, np.ndarray],
    golden: Mapping[str, np.ndarray],
) -> Bundle:
    """Write a bundle as a folder and return it as loaded back.

    Args:
        folder: Where to; an older bundle there is replaced in one step.
        card: The card as plain data. Sizes, hashes and file names are filled in here; ``golden`` must
            state its ``tolerance``.
        weights: Floating point tensors by name; stored as float16.
        golden: A tiny input and its output.

    Raises:
        ModelError: ``bad-card``, ``bad-weights``, ``bad-golden``, or ``cannot-write-bundle`` where the
            folder holds something else or cannot be written. Nothing is left behind.
    """
    weights_content, golden_content = pack_weights(weights), pack_golden(golden)
    filled = {
        **card,
        "weights": {"file": WEIGHTS_FILE, **_size_and_hash(weights_content)},
        "golden": {**card.get("golden", {}), "file": GOLDEN_FILE, **_size_and_hash(golden_content)},
    }
    card_text = json.dumps(Card.from_dict(filled).to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    files = {
        CARD_FILE: (card_text + "\n").encode("utf-8"),
        WEIGHTS_FILE: weights_content,
        GOLDEN_FILE: golden_content,
    }
    return write_files(Path(folder), files)


def write_files(folder: Path, files: Mapping[str, bytes]) -> Bundle:
    """Check a bundle's files and write them as a folder in one step; see :func:`write_bundle`."""
    check_files(files, folder)
    try:
        _refuse_foreign_folder(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".livercnn-", dir=folder.parent))
        try:
            new = temporary / "new"
            new.mkdir()
            for name, content in files.items():
                _write_flushed(new / name, content)
            load_bundle(new)
            _replace_folder(new, folder, aside=temporary / "old")
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"The bundle could not be written to {folder} ({error.strerror or error}); choose another folder "
            "or make room.",
            id="cannot-write-bundle",
            path=str(folder),
        ) from error
    return load_bundle(folder)


def _check_size_and_hash(name: str, content: bytes, expected: WeightsFile | GoldenFile) -> None:
    found = _size_and_hash(content)
    details = {"file": name, "found": found, "expected": expected}
    if found["size_bytes"] != expected.size_bytes:
        short = found["size_bytes"] < expected.size_bytes
        raise ModelError(
            f"{name} has {found['size_bytes']} bytes where its card says {expected.size_bytes}"
            f"{' (it is cut short)' if short else ''}; get the bundle again from its source.",
            id="truncated-weights" if short else "wrong-size",
            **details,
        )
    if found["sha256"] != expected.sha256:
        raise ModelError(
            f"{name} does not have the checksum on its card (SHA-256 {found['sha256'][:12]}... instead of "
            f"{expected.sha256[:12]}...): it was damaged or changed; get the bundle again from its source.",
            id="wrong-checksum",
            **details,
        )


def _size_and_hash(content: bytes) -> dict[str, Any]:
    return {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _bundle_sha256(files: Mapping[str, bytes]) -> str:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def _required(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise _missing(name)
    return files[name]


def _read_file(path: Path) -> bytes:
    limit = _MAX_BYTES[path.name]
    try:
        with open(path, "rb") as stream:
            content = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise _missing(path.name, path.parent) from error
    except OSError as error:
        raise _cannot_read(path, error) from error
    if len(content) > limit:
        raise ModelError(
            f"{path.name} is larger than the {limit} bytes allowed; it is not part of a model of ours.",
            id="wrong-size",
            path=str(path),
        )
    return content


def _missing(name: str, folder: Path | None = None) -> ModelError:
    where = f" {folder}" if folder is not None else ""
    return ModelError(
        f"The bundle{where} has no {name}; a bundle holds {CARD_FILE}, {WEIGHTS_FILE} and {GOLDEN_FILE}.",
        id="missing-file",
        file=name,
    )


def _cannot_read(path: Path, error: OSError) -> ModelError:
    return ModelError(
        f"{path} cannot be read ({error.strerror or error}); check the file and its permissions.",
        id="not-a-bundle",
        path=str(path),
    )


def _refuse_foreign_folder(folder: Path) -> None:
    """Only an empty folder or an older bundle may be replaced."""
    foreign: list[str] = []
    if folder.is_dir():
        foreign = sorted({entry.name for entry in folder.iterdir()} - set(_MAX_BYTES))
    elif folder.exists():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file")
    if foreign:
        raise ModelError(
            f"{folder} holds {foreign[0]}, which is not part of a bundle; choose another folder.",
            id="cannot-write-bundle",
            path=str(folder),
        )


def _write_flushed(path: Path, content: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _replace_folder(new: Path, folder: Path, aside: Path) -> None:
    """Rename ``new`` to ``folder``; an older one comes back if that fails."""
    replaced = folder.exists()
    if replaced:
        os.replace(folder, aside)
    try:
        os.replace(new, folder)
    except OSError:
        if replaced:
            os.replace(aside, folder)
        raise
