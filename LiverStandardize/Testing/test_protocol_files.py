"""Detection on real files: DICOM that GDCM wrote, NIfTI with a JSON file, NRRD and MetaImage headers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from dicom_patching import insert, monoenergetic, private
from dicom_writing import patch, write_series

from LiverCoreLib.errors import Cancelled, LiverCNNError
from LiverCoreLib.images import read_volume
from LiverStandardizeLib.protocol import detect_protocol
from LiverStandardizeLib.protocol.dicom_elements import hidden_attributes

VMI = ("DERIVED", "PRIMARY", "AXIAL", "VMI")


def detect(path: Path, **options):
    return detect_protocol(path, use_hu=False, **options)


def refusal(path: Path, **options) -> str:
    with pytest.raises(LiverCNNError) as caught:
        detect_protocol(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value.id)


# --- DICOM ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("undefined_length", [False, True], ids=["lengths", "delimiters"])
@pytest.mark.parametrize("explicit", [False, True], ids=["implicit", "explicit"])
def test_the_energy_two_sequences_deep_is_found(tmp_path, explicit: bool, undefined_length: bool) -> None:
    # GDCM writes compressed files with explicit types and others without.
    paths = write_series(tmp_path, ImageType=VMI, KVP=120, compress=explicit)
    nested = monoenergetic(60.0, explicit=explicit, undefined_length=undefined_length)
    for path in paths:
        insert(path, nested)
    found = detect(tmp_path)
    assert (found.name, found.confidence, found.origin) == ("M60", 0.95, "DICOM headers")
    assert not found.conflicts
    assert read_volume(tmp_path).image.GetDepth() == len(paths)  # the patched files are real DICOM


@pytest.mark.parametrize("explicit", [False, True], ids=["implicit", "explicit"])
@pytest.mark.parametrize("block", [0x10, 0x11])
def test_private_attributes_are_found_in_any_block(tmp_path, explicit: bool, block: int) -> None:
    path = write_series(tmp_path, KVP=140, ConvolutionKernel="STANDARD", compress=explicit)[0]
    values = {0x40: "SS50", 0x66: "80keV", 0x75: "80", 0x89: "keV"}
    ge = private("GEHC_CT_ADVAPP_001", 0x0053, values, explicit=explicit, block=block)
    insert(path, ge, before=(0x7FE0, 0x0010))
    found = detect(path)
    assert (found.name, found.confidence) == ("M80", 0.9)


@pytest.mark.parametrize(
    ("creator", "group", "values", "name"),
    [
        ("ELSCINT1", 0x01F7, {0x9B: "4"}, "IR"),
        ("TOSHIBA_MEC_CT3", 0x7005, {0x0B: "AIDR 3D STD"}, "IR"),
        ("TOSHIBA_MEC_CT3", 0x7005, {0x0B: "ORG"}, "FBP"),
        ("SOMEBODY ELSE", 0x7005, {0x0B: "AIDR 3D STD"}, "uncertain: FBP or IR"),
    ],
)
def test_private_attributes_of_other_vendors(tmp_path, creator, group, values, name) -> None:
    path = write_series(tmp_path, KVP=120, ConvolutionKernel="FC08")[0]
    before = (0x7FE0, 0x0010) if group > 0x0028 else (0x0020, 0x000D)
    insert(path, private(creator, group, values, explicit=False), before=before)
    assert detect(path).name == name


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"ConvolutionKernel": ("I30f", 3), "KVP": 120}, "IR, strength 3"),
        ({"ConvolutionKernel": ("Br40d", 2)}, "IR, strength 2"),
        ({"ConvolutionKernel": "B30f"}, "FBP"),
        ({"ConvolutionKernel": ("Qr40", 3), "description": "DE Abd Monoenergetic Plus 40 keV"}, "M40"),
        ({"ConvolutionKernel": ("Qr40", 3), "description": "DE Abd Optimum Contrast"}, "OPT"),
        ({"ImageType": VMI, "description": "Abd 70 keV"}, "monoenergetic 70 keV, none of the six"),
        ({"description": "Abdomen portal", "KVP": 80}, "unknown"),
    ],
)
def test_a_folder_of_slices(tmp_path, tags, name) -> None:
    write_series(tmp_path, **tags)
    assert detect(tmp_path).name == name


def test_a_series_is_chosen_as_everywhere(tmp_path) -> None:
    write_series(tmp_path, number=4, ConvolutionKernel="B30f")
    write_series(tmp_path, number=5, ConvolutionKernel=("I30f", 2))
    assert refusal(tmp_path) == "several-series"
    assert detect(tmp_path, series=4).name == "FBP"
    assert detect(tmp_path, series="5").name == "IR, strength 2"
    assert detect(tmp_path / "5_000.dcm").name == "IR, strength 2"


@pytest.mark.parametrize(
    ("tags", "error_id"),
    [
        ({"ImageType": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, "localizer"),
        ({"ImageType": ("DERIVED", "PRIMARY", "AXIAL", "MAT_SPECIFIC")}, "derived-map"),
        ({"description": "Iodine Density[mg/ml]"}, "derived-map"),
        ({"RescaleType": "Z_EFF"}, "derived-map"),
        ({"Modality": "MR"}, "not-ct"),
    ],
)
def test_what_is_no_ct_image_is_refused(tmp_path, tags, error_id) -> None:
    paths = write_series(tmp_path, **{key: value for key, value in tags.items() if key != "RescaleType"})
    if "RescaleType" in tags:  # GDCM writes "US" whatever it is told
        insert_unit = b"\x28\x00\x54\x10\x02\x00\x00\x00US"
        patch(paths, insert_unit, b"\x28\x00\x54\x10\x06\x00\x00\x00Z_EFF ")
    assert refusal(tmp_path) == error_id


def test_a_map_can_be_overruled_by_the_user(tmp_path) -> None:
    write_series(tmp_path, description="Iodine Density[mg/ml]")
    found = detect(tmp_path, protocol="M60")
    assert (found.protocol, found.status) == ("M60", "given")
    assert found.conflicts


@pytest.mark.parametrize("length", range(0, 1000, 37))
def test_files_cut_short_give_what_they_hold(tmp_path, length: int) -> None:
    path = write_series(tmp_path, heights=(0,), ImageType=VMI)[0]
    insert(path, monoenergetic(60.0, explicit=False))
    path.write_bytes(path.read_bytes()[:length])
    assert set(hidden_attributes(path)) <= {"MultienergyCTAcquisition", "MonoenergeticEnergyEquivalent"}


def test_bytes_that_are_no_dicom_give_nothing(tmp_path) -> None:
    generator = np.random.default_rng(0)
    path = tmp_path / "noise"
    for _ in range(50):
        path.write_bytes(b"\0" * 128 + b"DICM" + generator.bytes(400))
        assert hidden_attributes(path) == {}


def test_sequences_without_end_are_left(tmp_path) -> None:
    nothing_but_starts = b"\x18\x00\x62\x93\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path = tmp_path / "nested"
    path.write_bytes(nothing_but_starts * 200)
    assert hidden_attributes(path) == {}


# --- NIfTI, NRRD, MetaImage -------------------------------------------------------------------------------


def write_image(path: Path, value: int = 40, **keys: str) -> Path:
    image = sitk.GetImageFromArray(np.full((6, 8, 8), value, np.int16))
    for key, text in keys.items():
        image.SetMetaData(key, text)
    sitk.WriteImage(image, str(path))
    return path


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_json_file_beside_the_image_is_read(tmp_path, suffix: str) -> None:
    path = write_image(tmp_path / f"ct.portal{suffix}")
    sidecar = {
        "Modality": "CT",
        "SeriesDescription": "DE_Abd_Monoenergetic_Plus_60_keV",
        "ImageType": ["DERIVED", "PRIMARY", "AXIAL"],
        "ConvolutionKernel": "Qr40\\3",
        "XRayExposure": 12,
    }
    (tmp_path / "ct.portal.json").write_text(json.dumps(sidecar), encoding="utf-8")
    found = detect(path)
    assert (found.name, found.origin) == ("M60", "ct.portal.json")


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"', "nul", "\0\0", "[" * 100_000])
def test_a_damaged_json_file_is_refused(tmp_path, content: str) -> None:
    path = write_image(tmp_path / "ct.nii.gz")
    (tmp_path / "ct.json").write_text(content, encoding="utf-8")
    assert refusal(path) == "bad-sidecar"


def test_a_json_file_in_another_encoding_is_refused(tmp_path) -> None:
    path = write_image(tmp_path / "ct.nii.gz")
    (tmp_path / "ct.json").write_bytes('{"SeriesDescription": "Größe"}'.encode("latin-1"))
    assert refusal(path) == "bad-sidecar"


@pytest.mark.parametrize("suffix", [".nrrd", ".mha"])
@pytest.mark.parametrize("key", ["ConvolutionKernel", "DICOM.ConvolutionKernel", "0018|1210"])
def test_keys_in_the_header_are_read(tmp_path, suffix: str, key: str) -> None:
    path = write_image(tmp_path / f"ct{suffix}", **{key: "Br40d\\3"})
    assert detect(path).name == "IR, strength 3"


def test_header_and_json_file_that_disagree_are_both_seen(tmp_path) -> None:
    path = write_image(tmp_path / "ct.nrrd", SeriesDescription="MonoE 40keV[HU]")
    (tmp_path / "ct.json").write_text('{"SeriesDescription": "MonoE 60keV[HU]"}', encoding="utf-8")
    assert detect(path).name == "uncertain: M40 or M60"


def test_names_of_files_are_not_read(tmp_path) -> None:
    assert detect(write_image(tmp_path / "Monoenergetic Plus 60 keV.nii.gz")).status == "unknown"


@pytest.mark.parametrize(
    ("name", "content", "error_id"),
    [
        ("ct.nii.gz", b"not gzip", "unreadable-image"),
        ("ct.nrrd", b"hello", "unreadable-image"),
        ("ct.nii", b"", "empty-file"),
        ("ct.txt", b"hello", "unsupported-format"),
    ],
)
def test_files_that_cannot_be_read_are_refused(tmp_path, name, content, error_id) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == error_id


def test_other_refusals(tmp_path) -> None:
    assert refusal(tmp_path / "absent.nii.gz") == "file-not-found"
    assert refusal(tmp_path) == "no-dicom"
    assert refusal(write_image(tmp_path / "ct.nii"), series=3) == "no-such-series"
    assert refusal(write_image(tmp_path / "s.seg.nrrd", Segment0_ID="liver")) == "segmentation-given"
    assert refusal(tmp_path / "ct.nii", protocol="M70") == "unknown-protocol"


def test_it_can_be_cancelled(tmp_path) -> None:
    write_series(tmp_path)

    def stop(fraction: float, message: str) -> None:
        raise Cancelled()

    with pytest.raises(Cancelled):
        detect_protocol(tmp_path, progress=stop)
