"""The models that a panel offers, and why the chosen one cannot be used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _

from .packages import missing_packages


@dataclass(frozen=True)
class Model:
    """A model that can be chosen. card: as the registry gives it, None where it cannot be read. problem: why
    it cannot be used, or None.
    """

    id: str
    name: str
    modality: str
    card: Any
    problem: str | None


def installed_models(task: str) -> tuple:
    """The default model's ID (None if there is none) and the models for a task that are installed.

    task: "segment" or "standardize".
    """
    if missing_packages():  # cards cannot be read without jsonschema
        return None, ()
    from LiverCoreLib import registry
    from LiverCoreLib.model_error import ModelError

    models = tuple(
        Model(one.id, one.card.name, one.card.modality, one.card, None)
        if one.card is not None
        else Model(one.id, one.id, "", None, one.problem)
        for one in registry.list_models()
        if one.card is None or one.card.task == task
    )
    try:
        return registry.default_model(task, "CT"), models
    except ModelError:
        return None, models


def chosen_model(model_id: str, default_id: str | None, models: tuple) -> Model | None:
    """The model of that ID ("" is the default one); None if it is not installed."""
    wanted = model_id or default_id
    return next((model for model in models if model.id == wanted), None)


def modality_of_model(model_id: str, default_id: str | None, models: tuple) -> str:
    """What a model ("" is the default one) is for; CT where its card is not known."""
    model = chosen_model(model_id, default_id, models)
    return "CT" if model is None else model.modality


def why_no_model(model_id: str, default_id: str | None, models: tuple) -> str:
    """Why the model ("" is the default one) cannot be used; empty if it can."""
    missing = missing_packages()
    if missing:
        return _("Not installed: {packages}. Install what is missing in Liver Set-up.").format(
            packages=", ".join(missing)
        )
    if model_id and (os.path.basename(model_id) != model_id or os.path.exists(model_id)):
        return ""  # a path, which scripts may give; the worker looks into it
    wanted = model_id or default_id
    found = chosen_model(model_id, default_id, models)
    if wanted is None or (found is None and not model_id):
        return _("No model is installed; install one in Liver Set-up.")
    if found is None:
        return _("Model {model} is not installed; choose another, or install it in Liver Set-up.").format(
            model=wanted
        )
    if found.problem is not None:
        return _("Model {model} cannot be used: {problem}").format(model=wanted, problem=found.problem)
    return ""


def entries(default_id: str | None, installed: tuple) -> list:
    """Keys and texts of the models for a box; the empty key is the default one."""
    default = _("Default ({model})").format(model=default_id) if default_id else _("Default")
    return [("", default), *((one.id, one.name) for one in installed)]
