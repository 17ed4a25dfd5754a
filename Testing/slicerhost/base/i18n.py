"""``slicer.i18n``: texts stay as they are written."""

from __future__ import annotations


def tr(text: str) -> str:
    """The text, untranslated."""
    return text


def translate(context: str, text: str) -> str:
    """The text of a context, untranslated."""
    return text


def getContext(source_file: str) -> str:
    """The translation context of a file: its name without folder and ending."""
    from pathlib import Path

    return Path(source_file).stem
