"""The Python packages that Slicer lacks until the user has them installed."""

from __future__ import annotations

from LiverCoreLib import package_list


def missing_packages(extra: str = "") -> tuple:
    """Names of the packages that are not installed; nothing is imported to find out.

    extra: those of an extra ("report"); empty: what a worker needs to run a network.
    """
    wanted = [one for one in package_list.PACKAGES if one.extra == extra]
    return tuple(one.name for one in package_list.missing(wanted))
