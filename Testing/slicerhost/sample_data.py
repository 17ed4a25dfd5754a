"""Stand-in for Slicer's module SampleData: its list of sources, without its downloads.

Signatures as in Modules/Scripted/SampleData/SampleData.py of Slicer 5.8 to 5.13.
"""

from __future__ import annotations

from typing import Any

import slicer

CT_LIVER_SHA256 = "e16eae0ae6fefa858c5c11e58f0f1bb81834d81b7102e021571056324ef6f37e"
_BASE = "https://github.com/Slicer/SlicerTestingData/releases/download/SHA256/"


class SampleDataSource:
    """One sample. A single URI makes lists of one, as in Slicer."""

    def __init__(
        self,
        sampleName: str | None = None,
        sampleDescription: str | None = None,
        uris: Any = None,
        fileNames: Any = None,
        nodeNames: Any = None,
        checksums: Any = None,
        loadFiles: Any = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
        loadFileTypes: Any = None,
        loadFileProperties: dict | None = None,
        loadFileType: Any = None,
    ) -> None:
        self.sampleName, self.sampleDescription = sampleName, sampleDescription or sampleName
        self.customDownloader, self.thumbnailFileName = customDownloader, thumbnailFileName
        self.loadFileProperties = loadFileProperties or {}
        single = isinstance(uris, str)
        count = 1 if single else len(uris)
        for name, value in (
            ("uris", uris),
            ("fileNames", fileNames),
            ("nodeNames", nodeNames),
            ("checksums", checksums),
            ("loadFiles", loadFiles),
            ("loadFileTypes", loadFileTypes or loadFileType),
        ):
            values = [value] if single else [None] * count if value is None else list(value)
            if len(values) != count:
                raise ValueError("All fields of sample data source must have the same length")
            setattr(self, name, values)


class SampleDataLogic:
    """The sources by category, kept in ``slicer.modules.sampleDataSources``."""

    def __init__(self, logMessage: Any = None) -> None:
        name = "CTLiver"
        if self.sourceForSampleName(name) is None:
            _sources().setdefault("General", []).append(
                SampleDataSource(
                    name,
                    None,
                    _BASE + CT_LIVER_SHA256,
                    f"{name}.nrrd",
                    name,
                    f"SHA256:{CT_LIVER_SHA256}",
                )
            )

    @staticmethod
    def registerCustomSampleDataSource(
        category: str = "Custom",
        sampleName: str | None = None,
        uris: Any = None,
        fileNames: Any = None,
        nodeNames: Any = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
        loadFileTypes: Any = None,
        loadFiles: Any = None,
        loadFileProperties: Any = None,
        checksums: Any = None,
        loadFileType: Any = None,
    ) -> None:
        source = SampleDataSource(
            sampleName,
            None,
            uris,
            fileNames,
            nodeNames,
            checksums,
            loadFiles,
            customDownloader,
            thumbnailFileName,
            loadFileTypes,
            loadFileProperties,
            loadFileType,
        )
        known = _sources().setdefault(category, [])
        if sampleName not in [one.sampleName for one in known]:
            known.append(source)

    @staticmethod
    def sampleDataSourcesByCategory(category: str | None = None) -> Any:
        return _sources() if category is None else _sources().get(category, [])

    def sourceForSampleName(self, sampleName: str) -> SampleDataSource | None:
        sources = (one for category in _sources().values() for one in category)
        return next((one for one in sources if one.sampleName == sampleName), None)


def _sources() -> dict[str, list[SampleDataSource]]:
    if not hasattr(slicer.modules, "sampleDataSources"):
        slicer.modules.sampleDataSources = {}
    return slicer.modules.sampleDataSources
