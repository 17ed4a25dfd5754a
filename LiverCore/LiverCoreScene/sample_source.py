"""Sample data: where Slicer's CT of a liver comes from, and our synthetic abdomen among Slicer's samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from LiverCoreLib.errors import LiverCNNError

SLICERS_SAMPLE = "CTLiver"
CATEGORY = "LiverCNN"


class SampleError(LiverCNNError):
    """A sample that cannot be had. Id: ``no-such-sample``."""

    id = "no-such-sample"


@dataclass(frozen=True)
class Sample:
    """A file of Slicer's sample data. path: where Slicer keeps it once it is downloaded."""

    name: str
    uri: str
    sha256: str
    path: Path


def ct_liver() -> Sample:
    """Slicer's CT of a liver, as the module Sample Data describes it. Raises SampleError."""
    source = None
    if hasattr(slicer.modules, "sampledata"):
        import SampleData

        source = SampleData.SampleDataLogic().sourceForSampleName(SLICERS_SAMPLE)
    if source is None:
        raise SampleError(
            _("This Slicer has no sample {name}; use the synthetic abdomen.").format(name=SLICERS_SAMPLE)
        )
    kind, _colon, digest = source.checksums[0].partition(":")
    if kind.upper() != "SHA256":
        raise SampleError(
            _("Slicer gives no SHA-256 for {name}; load it from the module Sample Data.").format(
                name=SLICERS_SAMPLE
            )
        )
    folder = slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()
    return Sample(SLICERS_SAMPLE, source.uris[0], digest, Path(folder) / source.fileNames[0])


def register(icon: str, chosen: Any) -> None:
    """Offer the synthetic abdomen in Slicer's module Sample Data.

    icon: path of its picture. chosen: called with the source when somebody clicks on it.
    """
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=_("Synthetic abdomen"),
        uris="livercnn:synthetic-abdomen",  # made, not downloaded; the module wants one
        fileNames="synthetic-abdomen.nrrd",
        nodeNames="SyntheticAbdomen",
        thumbnailFileName=icon,
        customDownloader=chosen,
    )
