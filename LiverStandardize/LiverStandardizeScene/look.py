"""What can be said of a volume before it is standardized: its protocol, and what is unusual about it.

For a thread: nothing here touches the scene.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import SimpleITK as sitk
from slicer.i18n import tr as _

from LiverCoreLib.ct_checks import check_image
from LiverCoreLib.errors import LiverCNNError
from LiverStandardizeLib.protocol.detect import protocol_of_headers
from LiverStandardizeLib.protocol.detection import DETECTED, GUESSED, ProtocolDetection
from LiverStandardizeLib.protocol.evidence import MONOENERGETIC, STANDARD, Evidence
from LiverStandardizeLib.protocol.names import energy_of_protocol
from LiverStandardizeLib.protocol.reading import Headers, read_dicom_file, read_headers
from LiverStandardizeLib.protocol.refusals import DerivedMap
from LiverStandardizeLib.recognition import recognition_warnings, recognize, refuse_stated_map

from .scan import Scan


@dataclass(frozen=True)
class Look:
    """What was seen.

    answer: which protocol it is: as stated, else as detected; None where the volume was refused. detected:
    the answer if nobody had stated it; None where that is refused. headers: what headers alone say, with the
    statement; None where there are none that say anything. warnings: sentences. error: why the volume
    cannot be standardized, or None.
    """

    answer: ProtocolDetection | None = None
    detected: ProtocolDetection | None = None
    headers: ProtocolDetection | None = None
    warnings: tuple[str, ...] = ()
    error: LiverCNNError | None = None

    def is_of(self, target: str) -> bool:
        """Whether the volume surely is of a protocol; a guess from HU alone is not enough."""
        return self.answer is not None and self.answer.protocol == target and self.answer.status != GUESSED


def look(scan: Scan, stated: str, target: str, force: bool) -> Look:
    """Look at a scan.

    Args:
        scan: What there is of it.
        stated: The protocol that the user states, or empty.
        target: The protocol that the model makes.
        force: Whether what headers call a map is taken for a CT all the same.
    """
    try:
        check = check_image(scan.all_slices())
        slices, headers = scan.some_slices(), headers_of(scan, stated)
        answer, measured = recognize(slices, check.hu_offset, stated or None, headers)
        if not force:
            refuse_stated_map(answer)
    except LiverCNNError as error:
        return Look(error=error)
    detected = _unstated(scan, slices, check.hu_offset) if stated else answer
    warnings = (*check.warnings, *recognition_warnings(answer, measured, target))
    return Look(answer, detected, headers, warnings)


def _unstated(scan: Scan, slices: sitk.Image, hu_offset: float) -> ProtocolDetection | None:
    """What a scan is if nobody states it; None for a map."""
    try:
        return recognize(slices, hu_offset, None, headers_of(scan))[0]
    except DerivedMap:
        return None


def headers_of(scan: Scan, stated: str = "") -> ProtocolDetection | None:
    """What headers say of a scan; None where there are none that say anything.

    Read are, and the first that says something counts: the report of our own standardizer; the series in
    Slicer's DICOM database; DICOM attributes of the node; the file that it was loaded from and the JSON file
    beside that.

    Raises:
        UnsupportedImage, DerivedMap: As for ``protocol_of_headers``.
    """
    if scan.report is not None:
        return _standardized(scan.report)
    for headers in _headers(scan):
        found = protocol_of_headers(
            headers.values, protocol=stated or "auto", name=scan.name, origin=headers.origin
        )
        if found.evidence:
            return found
    return None


def _headers(scan: Scan) -> Any:
    """The headers that there are, one after the other."""
    if scan.dicom_file is not None:
        found = read_dicom_file(scan.dicom_file)
        yield replace(found, values={**scan.attributes, **found.values})
    elif scan.attributes:
        yield Headers(scan.attributes, scan.name, _("attributes of the volume"))
    if scan.file is not None:
        yield read_headers(scan.file, None, lambda fraction, message: None)


def _standardized(report: dict) -> ProtocolDetection:
    """What a volume of our own is."""
    target = report["target_protocol"]
    says = _("standardized to {target} by LiverCNN, from {protocol}").format(
        target=target, protocol=report["detection"]["name"]
    )
    energy_kev = energy_of_protocol(target)
    kind = None if energy_kev is None else MONOENERGETIC
    evidence = Evidence("LiverCNN", report["provenance"]["model"]["id"], says, STANDARD, kind, energy_kev)
    return ProtocolDetection(
        target, DETECTED, energy_kev, None, STANDARD, (target,), (evidence,), (), "LiverCNN"
    )
