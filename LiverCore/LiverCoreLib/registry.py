"""Where models lie and how they are found, installed, exported and verified.

Search path, first match wins: the folders of LIVERCNN_MODELS, the user's folder, then the models shipped
with LiverCNN (a checkout, an installed package or an installed Slicer extension).
"""

from __future__ import annotations

import difflib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from LiverCoreLib.bundles import (
    CARD_FILE,
    PathLike,
    check_files,
    load_bundle,
    read_card,
    read_files,
    write_files,
)
from LiverCoreLib.card import Card
from LiverCoreLib.model_error import ModelError
from LiverCoreLib.safezip import pack_zip
from LiverCoreLib.verification import Verification, verify_bundle

PATH_VARIABLE = "LIVERCNN_MODELS"
DEFAULTS_FILE = "defaults.json"


@dataclass(frozen=True)
class InstalledModel:
    """A model on the search path: its card, or the reason why its card cannot be read."""

    id: str
    path: Path
    card: Card | None
    problem: str | None


def __getattr__(name: str) -> Any:
    if name == "DEFAULT_SEGMENTER":  # looked up at each use: the defaults file may change with an update
        return default_model("segment", "CT")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def search_path() -> list[Path]:
    """Return the folders that may hold models, in the order in which they are searched."""
    named = [Path(part).expanduser() for part in os.environ.get(PATH_VARIABLE, "").split(os.pathsep) if part]
    return list(dict.fromkeys([*named, user_folder(), *shipped_folders()]))


def user_folder() -> Path:
    """Return the folder in which models are installed for this user; it need not exist yet."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "LiverCNN" / "Models"


def shipped_folders() -> list[Path]:
    """Return the existing folders of models that came with LiverCNN, normally one."""
    library = Path(__file__).resolve().parent
    resources = [library.parents[1] / "Resources", library.parent / "Resources"]  # a checkout; an extension
    installed = importlib.util.find_spec("livercnn_resources")  # a package
    if installed is not None:
        resources += [Path(place) for place in installed.submodule_search_locations or ()]
    folders = dict.fromkeys(place / "Models" for place in resources)
    return [folder for folder in folders if folder.is_dir()]


def default_model(task: str, modality: str) -> str:
    """Return the id of the model that is used where none is named.

    Raises:
        ModelError: ``no-default-model`` where no ``defaults.json`` on the search path names one.
    """
    for table in _default_tables():
        model_id = table.get(task, {}).get(modality)
        if model_id is not None:
            return model_id
    raise ModelError(
        f"No default model to {task} {modality} is installed; install one with `livercnn models install`, "
        "or name one with --model.",
        id="no-default-model",
        task=task,
        modality=modality,
    )


def default_ids() -> set[str]:
    """Return the ids of all default models, whatever their task."""
    tasks_and_modalities = {
        (task, modality)
        for table in _default_tables()
        for task, modalities in table.items()
        for modality in modalities
    }
    return {default_model(task, modality) for task, modality in tasks_and_modalities}


def list_models() -> list[InstalledModel]:
    """Return the models on the search path by id; of several with one id the one that is found first."""
    models: dict[str, InstalledModel] = {}
    for folder in search_path():
        for model in _models_in(folder):
            models.setdefault(model.id, model)
    return sorted(models.values(), key=lambda model: model.id)


def find_model(id_or_path: PathLike) -> Path:
    """Return the folder or zip of a model.

    A plain word is an id and is looked for on the search path; anything with a path separator, or a word
    that is no id but names an existing folder or zip, is a path.

    Raises:
        ModelError: ``model-not-found``, with the nearest id for a typo.
    """
    text = os.fspath(id_or_path)
    is_path = isinstance(id_or_path, os.PathLike) or os.path.basename(text) != text
    if not is_path:
        for folder in search_path():
            for model in _models_in(folder):
                if model.id == text:
                    return model.path
    if text and Path(text).exists():
        return Path(text)
    raise _not_found(text, is_path)


def install_model(source: PathLike, *, replace: bool = False) -> InstalledModel:
    """Check the bundle in a folder or zip, copy it into the user's folder and return it.

    Args:
        source: A folder or zip.
        replace: Whether another version that is installed under the same id may be replaced.

    Raises:
        ModelError: As ``load_bundle`` does; ``model-already-installed``; ``cannot-write-bundle``. Nothing
            is changed then.
    """
    files = read_files(source)
    card = check_files(files, Path(source)).card
    target = user_folder() / card.id
    if target.exists() and not replace and not _holds(target, files):
        raise ModelError(
            f"Another version of '{card.id}' is installed in {target}; use --replace to put version "
            f"{card.version} in its place.",
            id="model-already-installed",
            path=str(target),
        )
    bundle = write_files(target, files)
    return InstalledModel(bundle.card.id, target, bundle.card, None)


def is_removable(model: InstalledModel) -> bool:
    """Whether a model was installed by this user; what came with LiverCNN stays."""
    return model.path.parent == user_folder()


def remove_model(model_id: str) -> Path:
    """Remove a model from the user's folder and return where it was.

    Raises:
        ModelError: ``model-not-removable`` if the user's folder holds none of that id, or it cannot be
            removed.
    """
    found = next((model for model in _models_in(user_folder()) if model.id == model_id), None)
    if found is None:
        raise ModelError(
            f"'{model_id}' is not among the models that you installed; those that came with LiverCNN stay.",
            id="model-not-removable",
            found=model_id,
        )
    try:
        aside = Path(tempfile.mkdtemp(prefix=".livercnn-", dir=found.path.parent))
        os.replace(found.path, aside / "old")  # from here on it is not found any more, whatever happens
    except OSError as error:
        raise ModelError(
            f"'{model_id}' could not be removed from {found.path.parent} ({error.strerror or error}); check "
            "the permissions of that folder.",
            id="model-not-removable",
            path=str(found.path),
        ) from error
    shutil.rmtree(aside, ignore_errors=True)
    return found.path


def export_model(id_or_path: PathLike, zip_path: PathLike) -> Path:
    """Check a model and write it as one zip, ready to be carried to another machine.

    Raises:
        ModelError: As ``find_model`` and ``load_bundle`` do.
        OutputError: If the zip cannot be written.
    """
    from LiverCoreLib.output import atomic_path, check_output

    check_output(zip_path, [".zip"])
    path = find_model(id_or_path)
    files = read_files(path)
    check_files(files, path)
    with atomic_path(zip_path) as temporary:
        temporary.write_bytes(pack_zip(files))
    return Path(zip_path)


def verify_model(id_or_path: PathLike) -> Verification:
    """Check a model's files and, where torch and its network are there, its golden output.

    Raises:
        ModelError: As ``find_model``, ``load_bundle`` and ``verify_bundle`` do.
    """
    return verify_bundle(load_bundle(find_model(id_or_path)))


def _default_tables() -> Iterator[dict[str, dict[str, str]]]:
    """The ``defaults.json`` files on the search path: task -> modality -> id."""
    for folder in search_path():
        path = folder / DEFAULTS_FILE
        if not path.is_file():
            continue
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _bad_defaults(path, str(error)) from error
        plain = isinstance(table, dict) and all(
            isinstance(modalities, dict)
            and all(isinstance(model_id, str) for model_id in modalities.values())
            for modalities in table.values()
        )
        if not plain:
            raise _bad_defaults(path, 'it should look like {"segment": {"CT": "unet3d-ct"}}')
        yield table


def _bad_defaults(path: Path, reason: str) -> ModelError:
    return ModelError(
        f"The list of default models {path} cannot be used ({reason}); install LiverCNN again.",
        id="no-default-model",
        path=str(path),
    )


def _models_in(folder: Path) -> Iterator[InstalledModel]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not (path / CARD_FILE).is_file():
            continue
        try:
            card = read_card(path)
            yield InstalledModel(card.id, path, card, None)
        except ModelError as error:
            yield InstalledModel(path.name, path, None, str(error))


def _holds(folder: Path, files: dict[str, bytes]) -> bool:
    try:
        return read_files(folder) == files
    except ModelError:
        return False


def _not_found(text: str, is_path: bool) -> ModelError:
    ids = [model.id for model in list_models()]
    if is_path:
        message = f"There is no model at {text}; give the folder or zip of a bundle, or the id of a model."
    elif not ids:
        message = (
            f"There is no model '{text}', and none is installed; install one with `livercnn models install`."
        )
    else:
        near = difflib.get_close_matches(text, ids, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"installed are {', '.join(ids)}."
        message = f"There is no model '{text}'; {hint}"
    return ModelError(message, id="model-not-found", found=text, expected=tuple(ids))
