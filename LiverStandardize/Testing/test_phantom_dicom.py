"""A phantom as DICOM: what is read back, what the headers say in whose wording, and how that may mislead."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch

import livercnn
from LiverCoreLib.dicom_encoding import dicom_file
from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.images import read_volume
from LiverStandardizeLib.protocol import detect_protocol
from LiverStandardizeLib.simulation import make_six, phantom_dicom
from LiverStandardizeLib.simulation.people import Person
from LiverStandardizeLib.simulation.phantom_files import write_phantom
from LiverStandardizeLib.simulation.phantom_tags import age_text
from LiverStandardizeLib.simulation.protocols.six import PROTOCOLS, Settings
from LiverStandardizeLib.simulation.wordings import WORDINGS, NoSuchReconstruction, wanted_protocols

torch.set_num_threads(1)

CHILD = Person(6.0, "female", 116.0, 21.0)
SETTINGS = Settings(ir_strength=4)

# Wording, protocol -> what detection is to answer, where that is not the protocol at a level of 0.8 or more.
EXCEPTIONS = {
    ("siemens", "FBP"): ("FBP", 0.55),
    ("philips", "FBP"): ("uncertain: FBP or IR", 0.0),
    ("canon", "M40"): ("M40", 0.6),
    ("canon", "M60"): ("M60", 0.6),
    ("canon", "M80"): ("M80", 0.6),
}


@pytest.fixture(scope="module")
def scan():
    """A child, small, in all six protocols."""
    return make_six(3, size=(32, 32, 20), person=CHILD, settings=SETTINGS)


@pytest.fixture(scope="module")
def folder(scan, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dicom")
    write_phantom(scan, out, "phantom-3", settings=SETTINGS, file_format="dicom", picture=False)
    return out


def header(folder: Path, protocol: str) -> dict[str, str]:
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(folder / f"phantom-3_{protocol}" / "0001.dcm"))
    reader.LoadPrivateTagsOn()
    reader.ReadImageInformation()
    return {tag: reader.GetMetaData(tag).strip(" \0") for tag in reader.GetMetaDataKeys()}


# --- reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_reading_gives_back_voxels_and_lattice(scan, folder, protocol) -> None:
    wanted = scan.images[protocol]
    volume = read_volume(folder / f"phantom-3_{protocol}")
    assert volume.image.GetPixelID() == sitk.sitkInt16
    assert np.array_equal(sitk.GetArrayViewFromImage(volume.image), sitk.GetArrayViewFromImage(wanted))
    for lattice in ("GetSize", "GetSpacing", "GetOrigin", "GetDirection"):
        read, drawn = getattr(volume.image, lattice)(), getattr(wanted, lattice)()
        assert read == pytest.approx(drawn, abs=1e-9)
    assert (volume.modality, volume.warnings) == ("CT", ())


def test_labels_lie_on_the_grid_of_the_series(scan, folder) -> None:
    labels = sitk.ReadImage(str(folder / "phantom-3_labels.nii.gz"))
    read = read_volume(folder / "phantom-3_M80").image
    assert np.array_equal(sitk.GetArrayViewFromImage(labels), sitk.GetArrayViewFromImage(scan.labels))
    assert labels.GetOrigin() == pytest.approx(read.GetOrigin(), abs=1e-4)  # NIfTI holds single precision


def test_a_folder_of_six_series_names_them_and_lets_choose(folder) -> None:
    with pytest.raises(LiverCNNError) as caught:
        read_volume(folder)
    assert caught.value.id == "several-series"
    told = [one[2] for one in caught.value.details["series"]]
    assert told[1:4] == ["Phantom IR strength 4", "Phantom Optimum Contrast", "Phantom Monoenergetic 40 keV"]
    assert read_volume(folder, series=1).series_description == "Phantom FBP"
    assert detect_protocol(folder, series="60 keV").name == "M60"
    assert detect_protocol(folder / "phantom-3_M40" / "0007.dcm").name == "M40"


# --- headers ----------------------------------------------------------------------------------------------


def test_six_series_are_one_study_of_nobody(folder) -> None:
    headers = [header(folder, protocol) for protocol in PROTOCOLS]
    for shared in ("0020|000d", "0020|0052", "0010|0020"):
        assert len({one[shared] for one in headers}) == 1
    for own in ("0020|000e", "0008|0018", "0008|103e"):
        assert len({one[own] for one in headers}) == len(PROTOCOLS)
    assert [one["0020|0011"] for one in headers] == list("123456")
    first = headers[0]
    assert first["0010|0010"] == "SYNTHETIC^PHANTOM"
    assert first["0010|0020"].startswith("SYNTHETIC-phantom-3-")
    assert "no patient" in first["0008|1030"]
    assert "no patient" in first["0020|4000"]
    assert "simulated" in first["0008|0070"]
    assert (first["0010|0200"], first["0028|0300"], first["0012|0062"]) == ("YES", "YES", "YES")
    assert (first["0008|0020"], first["0010|0030"]) == ("", "")


def test_headers_state_person_and_scan(folder) -> None:
    tags = header(folder, "M60")
    assert (tags["0010|1010"], tags["0010|0040"]) == ("006Y", "F")
    assert (float(tags["0010|1020"]), float(tags["0010|1030"])) == (1.16, 21.0)
    assert tags["0008|0008"] == "DERIVED\\PRIMARY\\AXIAL\\VMI"
    assert (tags["0018|1210"], tags["0018|0060"], tags["0018|5100"]) == ("Br40", "150", "HFS")
    assert header(folder, "IR")["0018|1210"] == "Br40\\4"
    assert header(folder, "IR")["0018|9315"] == "ITERATIVE"


@pytest.mark.parametrize(
    ("years", "text"),
    [(0.0, "000D"), (0.05, "018D"), (0.5, "006M"), (1.99, "024M"), (2, "002Y"), (50, "050Y")],
)
def test_ages_as_dicom_writes_them(years, text) -> None:
    assert age_text(years) == text


def test_uids_follow_from_what_is_in_the_files(scan, folder, tmp_path) -> None:
    write_phantom(scan, tmp_path, "phantom-3", settings=SETTINGS, file_format="dicom", picture=False)
    assert header(tmp_path, "OPT") == header(folder, "OPT")
    brighter = type(scan)(**{**vars(scan), "images": {"OPT": scan.images["OPT"] + 1}})
    write_phantom(brighter, tmp_path / "x", "phantom-3", file_format="dicom", picture=False)
    same, changed = header(folder, "OPT"), header(tmp_path / "x", "OPT")
    assert changed["0020|000d"] == same["0020|000d"]
    assert changed["0020|000e"] != same["0020|000e"]
    assert changed["0008|0018"] != same["0008|0018"]


def test_hu_that_twelve_bits_do_not_hold_are_our_fault(scan, tmp_path) -> None:
    bright = type(scan)(**{**vars(scan), "images": {"FBP": scan.images["FBP"] + 4000}})
    with pytest.raises(ValueError, match="HU from"):
        phantom_dicom.write_series(bright, "FBP", tmp_path / "series", "phantom-3")


# --- detection --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wording", WORDINGS)
def test_detection_on_the_files_of_each_wording(scan, tmp_path, capsys, wording) -> None:
    images = {name: scan.images[name] for name in wanted_protocols(None, wording)}
    some = type(scan)(**{**vars(scan), "images": images})
    options = {"settings": SETTINGS, "wording": wording, "picture": False}
    write_phantom(some, tmp_path / "d", "p", file_format="dicom", **options)
    write_phantom(some, tmp_path / "n", "p", file_format="nrrd", **options)
    for protocol in images:
        series = tmp_path / "d" / f"p_{protocol}"
        assert livercnn.main(["protocol", str(series), "--no-hu", "--json", "--progress", "none"]) == 0
        found = json.loads(capsys.readouterr().out)
        name, confidence = EXCEPTIONS.get((wording, protocol), (protocol, 0.8))
        assert found["name"].split(", strength")[0] == name
        assert found["confidence"] >= confidence
        assert found["conflicts"] == []
        assert found["strength"] == (4 if protocol == "IR" and wording in ("standard", "siemens") else None)
        beside = detect_protocol(tmp_path / "n" / f"p_{protocol}.nrrd", use_hu=False)
        assert (beside.name, beside.confidence) == (found["name"], found["confidence"])


def test_a_vendor_without_a_protocol_says_so(scan, tmp_path) -> None:
    assert "OPT" in wanted_protocols(None, "siemens")
    assert "OPT" not in wanted_protocols(None, "canon")
    with pytest.raises(NoSuchReconstruction, match="leave OPT out"):
        write_phantom(scan, tmp_path / "out", "p", wording="ge", file_format="dicom", picture=False)
    assert list(tmp_path.iterdir()) == []


# What is changed in the headers of which protocol -> what detection is to say.
TRAPS = {
    "keV in the protocol's name of a mixed image": (
        "FBP",
        {"ProtocolName": "DE Abdomen Mono 60 keV", "SeriesDescription": "DE_Abdomen  Br40  F_0.6"},
        "FBP", "detected",
    ),
    "keV in the protocol's name of an image that does not say that it is mixed": (
        "FBP", {"ProtocolName": "DE Abdomen Mono 60 keV"}, "uncertain: M60 or FBP", "uncertain",
    ),
    "keV in the protocol's name, nothing else": (
        "FBP",
        {"ProtocolName": "DE Abdomen 60 keV", "SeriesDescription": "Abd", "ConvolutionKernel": None,
         "ReconstructionAlgorithm": None},
        "uncertain: perhaps M60", "uncertain",
    ),
    "no kernel, no method, no description": (
        "FBP",
        {"SeriesDescription": None, "ConvolutionKernel": None, "ReconstructionAlgorithm": None},
        "unknown", "unknown",
    ),
    "VMI without its energy": (
        "M60",
        {"SeriesDescription": "Abd", "MultienergyCTAcquisitionSequence": []},
        "uncertain: perhaps monoenergetic at an unknown energy", "uncertain",
    ),
    "two energies": (
        "M60", {"SeriesDescription": "Monoenergetic Plus 80 keV"}, "uncertain: M60 or M80", "uncertain",
    ),
    "filtered by its attribute, iterative by its kernel": (
        "FBP", {"ConvolutionKernel": ["Br40d", "3"]}, "uncertain: FBP or IR", "uncertain",
    ),
    "80 kV is no 80 keV": ("FBP", {"KVP": 80.0, "ProtocolName": "Abd 80 kV"}, "FBP", "detected"),
    "a virtual image of another energy": (
        "M60",
        {"SeriesDescription": "Abd", "MultienergyCTAcquisitionSequence": [
            {"MultienergyCTCharacteristicsSequence": [{"MonoenergeticEnergyEquivalent": 70.0}]}
        ]},
        "monoenergetic 70 keV, none of the six", "other",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_traps_as_files(scan, tmp_path, monkeypatch, trap) -> None:
    protocol, changes, name, status = TRAPS[trap]
    monkeypatch.setattr(
        phantom_dicom, "dicom_file", lambda data, private: dicom_file({**data, **changes}, private)
    )
    phantom_dicom.write_series(scan, protocol, tmp_path / "series", "phantom-3", settings=SETTINGS)
    assert len(read_volume(tmp_path / "series").image) > 0  # it is a scan that can be read
    found = detect_protocol(tmp_path / "series", use_hu=False)
    assert (found.name, found.status) == (name, status)


def test_a_map_among_the_series_is_refused(scan, tmp_path, monkeypatch) -> None:
    changes = {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "MAT_SPECIFIC"]}
    monkeypatch.setattr(
        phantom_dicom, "dicom_file", lambda data, private: dicom_file({**data, **changes}, private)
    )
    phantom_dicom.write_series(scan, "M60", tmp_path / "series", "phantom-3")
    with pytest.raises(LiverCNNError) as caught:
        detect_protocol(tmp_path / "series")
    assert caught.value.id == "derived-map"


# --- all or nothing ---------------------------------------------------------------------------------------


def test_cancelling_leaves_nothing(scan, tmp_path) -> None:
    def stop(fraction: float, message: str) -> None:
        if "M60" in message and fraction > 0.6:
            raise Cancelled()

    with pytest.raises(Cancelled):
        write_phantom(scan, tmp_path / "a" / "b", "p", file_format="dicom", picture=False, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_only_grows_and_ends_at_one(scan, tmp_path) -> None:
    seen: list[float] = []
    write_phantom(
        scan,
        tmp_path,
        "p",
        file_format="dicom",
        picture=False,
        progress=lambda fraction, message: seen.append(fraction),
    )
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) > 6 * 20


def test_the_command_writes_series_and_a_shorter_one_replaces_a_longer(scan, tmp_path, capsys) -> None:
    write_phantom(scan, tmp_path, "phantom-0", file_format="dicom", picture=False)
    small = ["--size", "64", "--slices", "16", "--protocols", "M60", "--no-picture", "--progress", "none"]
    assert livercnn.main(["phantom", str(tmp_path), "--format", "dicom", *small]) == 0
    names = ["phantom-0_M60", "phantom-0_labels.nii.gz", "phantom-0_details.nii.gz"]
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / name) for name in names]
    assert len(list((tmp_path / "phantom-0_M60").iterdir())) == 16
    assert read_volume(tmp_path, series=5).image.GetSize() == (64, 64, 16)
