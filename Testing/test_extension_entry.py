"""LiverCNN.json follows the rules of Slicer's ExtensionsIndex, and what is open in it is known."""

from __future__ import annotations

from typing import Any

import extension_entry
import pytest
from extension_entry import REPOSITORY, Extension, cmake_value, problems, unfilled

WHOLE = extension_entry.read()

OPEN_UNTIL_PUBLISHED = [
    "LiverCNN.json: scm_url",
    "CMakeLists.txt: EXTENSION_HOMEPAGE",
    "CMakeLists.txt: EXTENSION_ICONURL",
    "CMakeLists.txt: EXTENSION_SCREENSHOTURLS",
    "CITATION.cff: repository-code",
]
"""The project has no public address yet. Whoever gives it one fills all of these in; then this is []."""


def changed(**values: Any) -> Extension:
    """The entry with some values replaced; None takes one away."""
    entry = {**WHOLE.entry, **values}
    return WHOLE._replace(entry={name: value for name, value in entry.items() if value is not None})


def test_the_entry_is_right() -> None:
    assert problems(WHOLE) == []


def test_what_is_open_is_known() -> None:
    open_ = unfilled(WHOLE)
    assert open_ in ([], OPEN_UNTIL_PUBLISHED), "Fill the address in at all places, or at none."


def test_filled_in_it_is_right_and_whole() -> None:
    """Replacing the placeholder is all there is to do, besides CITATION.cff."""
    old, new = "https://publisher.invalid/", "https://github.com/somebody/"
    url = WHOLE.entry["scm_url"].replace(old, new)
    citation = WHOLE.citation + f"\nrepository-code: {url}\n"
    filled = changed(scm_url=url)._replace(cmake=WHOLE.cmake.replace(old, new), citation=citation)
    assert problems(filled) == []
    assert unfilled(filled) == []


def test_it_can_be_read_everywhere() -> None:
    data = (REPOSITORY / "LiverCNN.json").read_bytes()
    assert b"\r" not in data
    assert data.isascii()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"category": None}, "category is missing"),
        ({"scm_url": None}, "scm_url is missing"),
        ({"homepage": "x"}, "homepage is unknown"),
        ({"tier": "1"}, "tier is '1', not a int"),
        ({"tier": True}, "tier is True"),
        ({"tier": 6}, "tier is 6"),
        ({"scm_type": "svn"}, "scm_type is 'svn'"),
        ({"$schema": "v1"}, "$schema is none of"),
        ({"build_dependencies": [1]}, "must be names"),
        ({"build_dependencies": []}, "differ from EXTENSION_DEPENDS"),
        ({"category": "Livers"}, "differs from EXTENSION_CATEGORY"),
        ({"scm_url": "http://x.org/SlicerLiverCNN"}, "no git:// or https:// address"),
        ({"scm_url": "https://x.org/LiverCNN.git"}, "should be called Slicer"),
        ({"scm_url": "https://github.com/a/SlicerLiverCNN"}, "does not start with https://github.com/a/"),
    ],
)
def test_what_the_index_would_refuse_is_told(values: dict[str, Any], reason: str) -> None:
    assert reason in " ".join(problems(changed(**values)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('set(A "x y")\n', "x y"),
        ('set(A "x") # why\n', "x"),
        ('set(A "${b}/x")\n', ""),
        ("set(A x)\n", ""),
        ('set(AB "x")\n', ""),
    ],
)
def test_only_literal_values_are_read(text: str, value: str) -> None:
    assert cmake_value(text, "A") == value


def test_the_description_is_short_and_modest() -> None:
    text = cmake_value(WHOLE.cmake, "EXTENSION_DESCRIPTION")
    assert 60 < len(text) < 250
    assert "research use only" in text


def test_the_icon_is_one() -> None:
    icon = REPOSITORY / extension_entry.image_paths(WHOLE)[0]
    assert icon.read_bytes().startswith(b"\x89PNG")
