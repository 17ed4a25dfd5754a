"""Where the panel takes the protocol of a volume from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import SimpleITK as sitk
from dicom_writing import slice_pixels, write_slice
from panel_standardizing import add_volume, choose, small_ct


class Database:
    """What Slicer's DICOM database knows of instances: files by UID."""

    isOpen = True  # noqa: N815 - as CTK calls it

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def fileForInstance(self, uid: str) -> str:  # noqa: N802 - as CTK calls it
        return self._files.get(uid, "")


def evidence(host: Any, module: Any, volume: Any) -> str:
    choose(host, module, volume)
    return module.widget.ui.evidenceValue.text


def test_dicom_headers_of_the_series_in_the_database(
    host: Any, module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    first = str(tmp_path / "slice.dcm")
    write_slice(Path(first), slice_pixels(0), ConvolutionKernel=("Br40f", "3"), Modality="CT", SeriesNumber=4)
    monkeypatch.setattr(slicer, "dicomDatabase", Database({"1.2.3": first}), raising=False)
    volume = add_volume(small_ct(), "CT", instanceUIDs="1.2.3 1.2.4")
    assert "ConvolutionKernel (0018,1210) = 'Br40f\\3'" in evidence(host, module, volume)
    assert "DICOM headers" in module.widget.ui.evidenceValue.toolTip
    Path(first).write_bytes(b"no DICOM")
    choose(host, module, add_volume(small_ct(), "damaged", instanceUIDs="1.2.3"))
    assert "holds no DICOM image" in module.widget.ui.reasonLabel.text
    lost = add_volume(small_ct(), "lost", instanceUIDs="9.9")
    choose(host, module, lost)
    assert module.widget.ui.protocolBox.currentText.endswith("As detected: not certain")


def test_attributes_of_the_node(host: Any, module: Any) -> None:
    volume = add_volume(small_ct(), "CT", SeriesDescription="Monoenergetic Plus 40 keV")
    assert "monoenergetic image at 40 keV" in evidence(host, module, volume)


def test_the_json_file_beside_the_file(host: Any, module: Any, tmp_path: Path) -> None:
    import slicer

    sitk.WriteImage(small_ct(), str(tmp_path / "scan.nii.gz"))
    (tmp_path / "scan.json").write_text(json.dumps({"ConvolutionKernel": "B30f", "Modality": "CT"}))
    volume = slicer.util.loadVolume(str(tmp_path / "scan.nii.gz"))
    assert "'B30f'" in evidence(host, module, volume)
    (tmp_path / "scan.json").write_text("[")
    other = slicer.util.loadVolume(str(tmp_path / "scan.nii.gz"))
    choose(host, module, other)
    assert "is not a JSON file that can be read" in module.widget.ui.reasonLabel.text


def test_hu_where_nothing_else_is_known(host: Any, module: Any) -> None:
    choose(host, module, add_volume(small_ct(), "CT"))
    ui = module.widget.ui
    assert ui.protocolBox.currentText.endswith("As detected: not certain")
    assert "fat at -9" in ui.evidenceValue.toolTip
    assert "is not certain" in ui.checksValue.text
    assert ui.applyButton.enabled
