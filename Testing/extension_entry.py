"""The entry for Slicer's ExtensionsIndex (LiverCNN.json), held against the index's rules and CMakeLists.txt.

``python Testing/extension_entry.py`` tells what is wrong, and what has to be filled in before submission.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

REPOSITORY = Path(__file__).resolve().parent.parent
PLACEHOLDER = "https://publisher.invalid/"
"""Where the address of the project is not known yet; nothing can be published under .invalid (RFC 2606)."""

_SCHEMAS = "https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/"
_SCHEMA_VERSIONS = ("v1.0.1", "v1.0.2")
_TYPES = {
    "$schema": str,
    "category": str,
    "scm_url": str,
    "scm_revision": str,
    "scm_type": str,
    "build_dependencies": list,
    "build_subdirectory": str,
    "dicom_support_rule": str,
    "enabled": bool,
    "tier": int,
}
_REQUIRED = ("$schema", "category", "scm_url")


class Extension(NamedTuple):
    """What is told about the extension: name of the entry's file, the entry, texts of two other files."""

    name: str
    entry: dict[str, Any]
    cmake: str
    citation: str


def read() -> Extension:
    """The extension of this repository."""
    path = REPOSITORY / "LiverCNN.json"
    cmake, citation = (
        (REPOSITORY / name).read_text(encoding="utf-8") for name in ("CMakeLists.txt", "CITATION.cff")
    )
    return Extension(path.stem, json.loads(path.read_text(encoding="utf-8")), cmake, citation)


def cmake_value(text: str, name: str) -> str:
    """A variable's value; it must be literal, quoted, and alone on its line. Empty if there is none."""
    found = re.search(rf'^set\({name} "([^"$]*)"\)', text, re.MULTILINE)
    return found[1] if found else ""


def problems(extension: Extension) -> list[str]:
    """What the index would refuse, or what contradicts CMakeLists.txt."""
    wrong = _against_schema(extension.entry)
    if wrong:
        return wrong
    return [*_against_customs(extension), *_against_cmake(extension)]


def unfilled(extension: Extension) -> list[str]:
    """What is to be filled in before submission."""
    named = [
        f"CMakeLists.txt: {name}"
        for name, urls in _urls(extension.cmake).items()
        if any(url.startswith(PLACEHOLDER) for url in urls)
    ]
    if extension.entry["scm_url"].startswith(PLACEHOLDER):
        named.insert(0, f"{extension.name}.json: scm_url")
    if "\nrepository-code:" not in extension.citation:
        named.append("CITATION.cff: repository-code")
    named += [
        f"{path} (named in CMakeLists.txt)"
        for path in image_paths(extension)
        if not (REPOSITORY / path).is_file()
    ]
    return named


def image_paths(extension: Extension) -> list[str]:
    """Paths in the repository of the icon and the screenshots."""
    urls = [
        url
        for name in ("EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS")
        for url in cmake_value(extension.cmake, name).split()
    ]
    marker = f"/{extension.entry.get('scm_revision', 'main')}/"
    return [url.partition(marker)[2] for url in urls]


def _against_schema(entry: dict[str, Any]) -> list[str]:
    wrong = [f"{name} is missing" for name in _REQUIRED if name not in entry]
    wrong += [f"{name} is unknown" for name in entry if name not in _TYPES]
    wrong += [
        f"{name} is {value!r}, not a {_TYPES[name].__name__}"
        for name, value in entry.items()
        if name in _TYPES and type(value) is not _TYPES[name]
    ]
    if wrong:
        return wrong
    known = [f"{_SCHEMAS}slicer-extension-catalog-entry-schema-{one}.json#" for one in _SCHEMA_VERSIONS]
    if entry["$schema"] not in known:
        wrong.append(f"$schema is none of {known}")
    if "dicom_support_rule" in entry and entry["$schema"] == known[0]:
        wrong.append("dicom_support_rule came with schema v1.0.2")
    if not 1 <= entry.get("tier", 1) <= 5:
        wrong.append(f"tier is {entry['tier']}; it runs from 1 (experimental) to 5 (Slicer's core)")
    if entry.get("scm_type", "git") not in ("git", "local"):
        wrong.append(f"scm_type is {entry['scm_type']!r}, not git or local")
    if not all(isinstance(one, str) for one in entry.get("build_dependencies", [])):
        wrong.append("build_dependencies must be names of extensions")
    return wrong


def _against_customs(extension: Extension) -> list[str]:
    """What the reviewers of the index ask for beyond the schema."""
    wrong = []
    url = urlsplit(extension.entry["scm_url"])
    if url.scheme not in ("git", "https") or not url.netloc:
        wrong.append(f"scm_url {extension.entry['scm_url']} is no git:// or https:// address")
    if not _repository_name(extension.entry).startswith("Slicer"):
        wrong.append(f"the repository {_repository_name(extension.entry)} should be called Slicer...")
    if extension.name.lower().startswith("slicer"):
        wrong.append(f"the extension {extension.name} should not be called Slicer...")
    return wrong


def _against_cmake(extension: Extension) -> list[str]:
    cmake, entry = extension.cmake, extension.entry
    wrong = []
    if f"\nproject({extension.name})\n" not in cmake:
        wrong.append(f"CMakeLists.txt does not say project({extension.name})")
    if cmake_value(cmake, "EXTENSION_CATEGORY") != entry["category"]:
        wrong.append("the category differs from EXTENSION_CATEGORY")
    depends = [one for one in cmake_value(cmake, "EXTENSION_DEPENDS").split() if one != "NA"]
    if depends != entry.get("build_dependencies", []):
        wrong.append("build_dependencies differ from EXTENSION_DEPENDS")
    base = entry["scm_url"].removesuffix(".git")
    for name, urls in _urls(cmake).items():
        if not urls:
            wrong.append(f"CMakeLists.txt has no {name}")
        wrong += [f"{name}: {url} does not start with {base}" for url in urls if not url.startswith(base)]
    wrong += [
        f"{name}: no path of this repository behind the branch"
        for name, path in zip(("icon", "screenshot"), image_paths(extension))
        if not path
    ]
    return wrong


def _urls(cmake: str) -> dict[str, list[str]]:
    names = ("EXTENSION_HOMEPAGE", "EXTENSION_ICONURL", "EXTENSION_SCREENSHOTURLS")
    return {name: cmake_value(cmake, name).split() for name in names}


def _repository_name(entry: dict[str, Any]) -> str:
    return urlsplit(entry["scm_url"]).path.rstrip("/").rpartition("/")[2].removesuffix(".git")


def main() -> int:
    extension = read()
    wrong, open_ = problems(extension), unfilled(extension)
    for line in wrong:
        print(f"wrong: {line}")
    for line in open_:
        print(f"to fill in: {line}")
    return 1 if wrong or open_ else 0


if __name__ == "__main__":
    sys.exit(main())
