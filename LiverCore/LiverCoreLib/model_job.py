"""What is done with models, as the worker's task: files of hundreds of MB are read, hashed and computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Progress = Callable[[float, str], None]


def run(arguments: Mapping[str, Any], temporary_folder: Path, progress: Progress) -> dict[str, Any]:
    """Do one thing with one model.

    Args:
        arguments: ``action`` and what it needs. ``install``: ``source`` (zip or folder), ``replace``.
            ``export``: ``model``, ``zip``. ``verify``: ``model``. ``remove``: ``model``.
        temporary_folder: Not used.
        progress: Told what is being done.

    Returns:
        ``install``: ``id``, ``version``, ``path``, ``hidden_by`` (a path that comes first, or None).
        ``export``: ``path``, ``bytes``. ``verify``: see ``Verification``. ``remove``: ``path``.

    Raises:
        ModelError, OutputError: As the functions of ``registry`` do.
    """
    del temporary_folder
    actions = {"install": _install, "export": _export, "verify": _verify, "remove": _remove}
    return actions[arguments["action"]](arguments, progress)


def _install(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from LiverCoreLib.registry import find_model, install_model

    progress(0.0, "checking and copying the model")
    model = install_model(arguments["source"], replace=arguments["replace"])
    used = find_model(model.id)
    return {
        "id": model.id,
        "version": "" if model.card is None else model.card.version,
        "path": str(model.path),
        "hidden_by": None if used == model.path else str(used),
    }


def _export(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from LiverCoreLib.registry import export_model

    progress(0.0, "checking and packing the model")
    path = export_model(arguments["model"], arguments["zip"])
    return {"path": str(path), "bytes": path.stat().st_size}


def _verify(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from LiverCoreLib.bundles import load_bundle
    from LiverCoreLib.registry import find_model
    from LiverCoreLib.verification import verify_bundle

    progress(0.0, "comparing size and checksum of each file")
    bundle = load_bundle(find_model(arguments["model"]))
    progress(0.3, "computing the stored example and comparing the outputs")
    return verify_bundle(bundle).to_dict()


def _remove(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from LiverCoreLib.registry import remove_model

    progress(0.0, "removing the model")
    return {"path": str(remove_model(arguments["model"]))}
