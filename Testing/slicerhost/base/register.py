"""Puts this layer where modules import it from."""

from __future__ import annotations

import sys

import slicer

from slicerhost.base import i18n, parameter_node, scripted_module, sitk_utils


def install() -> None:
    """Register the modules under Slicer's names."""
    sys.modules["sitkUtils"] = sitk_utils
    for name, module in (
        ("i18n", i18n),
        ("parameterNodeWrapper", parameter_node),
        ("ScriptedLoadableModule", scripted_module),
    ):
        sys.modules[f"slicer.{name}"] = module
        setattr(slicer, name, module)
