"""What Liver Set-up says about packages."""

from __future__ import annotations

import sys
from html import escape

from slicer.i18n import tr as _

from LiverCoreLib.package_list import Package, installed_version


def purpose(one: Package) -> str:
    """What a package is for."""
    return {
        "torch": _("computes the networks"),
        "safetensors": _("reads the weights of models, without running code from them"),
        "jsonschema": _("checks the cards of models"),
        "matplotlib": _("draws the figures of reports"),
        "jinja2": _("writes the pages of reports"),
    }[one.module]


def size(one: Package) -> str:
    """How large it is."""
    if one.download_mb is None:
        return _("at least {installed:g} MB once installed, several times that for a graphics card").format(
            installed=one.installed_mb
        )
    return _("about {download:g} MB to download, {installed:g} MB once installed").format(
        download=one.download_mb, installed=one.installed_mb
    )


def origin(one: Package) -> str:
    """Where it comes from."""
    if one.module == "torch":
        return _(
            "from pytorch.org, with torchvision, in the build that light-the-torch picks for this computer, "
            "as the extension PyTorch does it"
        )
    return _("from the package index that this computer is set to use, normally pypi.org")


def listing(packages: tuple) -> str:
    """The list of packages as HTML."""
    return "".join(_entry(one) for one in packages)


def _entry(one: Package) -> str:
    version = installed_version(one)
    if version is None:
        state = "<b>" + escape(_("missing")) + "</b>"
        more = "<br/>" + escape(_sentence(_("{size}; {origin}").format(size=size(one), origin=origin(one))))
    else:
        state = escape(_("installed, version {version}").format(version=version or _("not stated")))
        more = ""
    need = _("for reports only: {purpose}") if one.extra == "report" else "{purpose}"
    use = _sentence(need.format(purpose=purpose(one)))
    lines = [f"<b>{escape(one.name)}</b>: {state}", escape(use)]
    return f"<p style='margin-top:0; margin-bottom:6px'>{'<br/>'.join(lines)}{more}</p>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def names(packages: tuple) -> str:
    """Names in a row."""
    return ", ".join(one.name for one in packages)


def summary(missing: tuple, missing_for_reports: tuple) -> str:
    """One line on the whole."""
    if missing:
        return _("Missing: {packages}. Without them no liver can be segmented.").format(
            packages=names(missing)
        )
    if missing_for_reports:
        return _("All that segmentation needs is installed. Reports need {packages}.").format(
            packages=names(missing_for_reports)
        )
    return _("Nothing is missing.")


def question(packages: tuple) -> str:
    """What is asked before something is downloaded."""
    lines = [
        f"{one.name}: {size(one)}; {origin(one)}"
        for one in packages
    ]
    return _("Download and install into Slicer's own Python?\n\n{packages}").format(
        packages="\n\n".join(lines)
    )


def question_for_folder(packages: tuple, folder: str, size_bytes: int) -> str:
    """What is asked before packages are installed from a folder."""
    return _(
        "Install {packages} into Slicer's own Python?\n\n{size:.1f} MB of wheels, from {folder}. "
        "Nothing is downloaded."
    ).format(packages=names(packages), size=size_bytes / 1e6, folder=folder)


def lacking(packages: tuple, folder: str, wheels: list) -> str:
    """Which wheels a folder lacks."""
    entries = []
    for wheel in wheels:
        entry = wheel["requirement"]
        if wheel["needed_by"]:
            entry = _("{wheel} (needed by {package})").format(wheel=entry, package=wheel["needed_by"])
        if wheel["unfit"]:
            entry = _("{wheel}, because {file} is for another system, Python or version").format(
                wheel=entry, file=wheel["unfit"][-1]
            )
        entries.append(entry)
    return _(
        "Nothing was installed. {folder} lacks wheels of: {wheels}.\n\nOn a computer with a network, the "
        "same system and Python {python}, this collects them all: python -m pip download {requirements} "
        "--dest wheels"
    ).format(
        folder=folder,
        wheels="; ".join(entries),
        python=".".join(map(str, sys.version_info[:2])),
        requirements=" ".join(f'"{one.requirement}"' for one in packages),
    )


def extension_missing() -> str:
    """Why PyTorch cannot be installed."""
    return _(
        "PyTorch is installed with the help of the extension PyTorch, which is not there: install it in the "
        "Extensions Manager and restart Slicer, or install from a folder."
    )


def done(packages: tuple) -> str:
    """What has been installed."""
    entries = [f"{one.name} {installed_version(one) or ''}".strip() for one in packages]
    return _("Installed: {packages}.").format(packages=", ".join(entries))
