"""Bundles are written and read back; hostile and damaged ones, real files each, are refused by stable ids."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from LiverCoreLib.bundles import ModelError, load_bundle, read_card, write_bundle
from LiverCoreLib.safezip import pack_zip

FILES = ("model.json", "weights.safetensors", "golden.npz")


def refusal_id(path):
    with pytest.raises(ModelError) as caught:
        load_bundle(path)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    return caught.value.id


def zip_of(folder: Path, path: Path) -> Path:
    path.write_bytes(pack_zip({name: (folder / name).read_bytes() for name in FILES}))
    return path


class Explosive:
    """A pickle of this creates a file when it is opened."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


# --- writing and reading ---------------------------------------------------------------------------------


def test_written_weights_come_back_as_float32(bundle_folder, weights, golden):
    bundle = load_bundle(bundle_folder)

    assert set(bundle.weights) == set(weights)
    for name, array in weights.items():
        assert bundle.weights[name].dtype == np.float32
        assert bundle.weights[name].shape == array.shape
        np.testing.assert_array_equal(bundle.weights[name], array.astype(np.float16).astype(np.float32))
    for name, array in golden.items():
        np.testing.assert_array_equal(bundle.golden[name], array)


def test_stored_as_float16(bundle_folder, weights):
    numbers = sum(array.size for array in weights.values())

    assert (bundle_folder / "weights.safetensors").stat().st_size < 2 * numbers + 400


def test_zip_and_folder_are_the_same_bundle(bundle_folder, tmp_path):
    from_folder, from_zip = load_bundle(bundle_folder), load_bundle(zip_of(bundle_folder, tmp_path / "b.zip"))

    assert from_zip.sha256 == from_folder.sha256
    assert from_zip.card == from_folder.card
    assert read_card(tmp_path / "b.zip") == read_card(bundle_folder)


def test_sha256_is_what_sha256sum_tells(bundle_folder):
    lines = "".join(
        f"{hashlib.sha256((bundle_folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in sorted(FILES)
    )

    assert load_bundle(bundle_folder).sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_writing_twice_gives_the_same_bytes(bundle_folder, card_data, weights, golden):
    before = {name: (bundle_folder / name).read_bytes() for name in FILES}
    write_bundle(bundle_folder, card_data, weights, golden)

    assert {name: (bundle_folder / name).read_bytes() for name in FILES} == before
    assert sorted(path.name for path in bundle_folder.parent.iterdir()) == ["tiny-ct"]


def test_a_zip_made_by_an_archive_program_has_one_folder_inside(bundle_folder, tmp_path):
    path = tmp_path / "archived.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("tiny-ct") if hasattr(archive, "mkdir") else archive.writestr("tiny-ct/", b"")
        for name in FILES:
            archive.write(bundle_folder / name, f"tiny-ct/{name}")

    assert load_bundle(path).sha256 == load_bundle(bundle_folder).sha256


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([np.nan], np.float32), "NaN"),
        (np.array([np.inf], np.float32), "NaN or infinity"),
        (np.array([1e6], np.float32), "float16"),
        (np.array([1], np.int64), "int64"),
    ],
)
def test_weights_that_cannot_be_stored_are_refused(tmp_path, card_data, golden, array, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        write_bundle(tmp_path / "new", card_data, {"a": array}, golden)

    assert caught.value.id == "bad-weights"
    assert list(tmp_path.iterdir()) == []


def test_a_bad_card_writes_nothing(tmp_path, card_data, weights, golden):
    card_data["surprise"] = 1
    with pytest.raises(ModelError, match="surprise"):
        write_bundle(tmp_path / "new", card_data, weights, golden)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_not_replaced(tmp_path, card_data, weights, golden):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    with pytest.raises(ModelError, match=r"thesis\.tex") as caught:
        write_bundle(tmp_path / "thesis", card_data, weights, golden)

    assert caught.value.id == "cannot-write-bundle"
    assert os.listdir(tmp_path / "thesis") == ["thesis.tex"]


def test_a_file_in_the_way_is_a_plain_error(tmp_path, card_data, weights, golden):
    (tmp_path / "new").write_text("a file")
    with pytest.raises(ModelError) as caught:
        write_bundle(tmp_path / "new", card_data, weights, golden)

    assert caught.value.id == "cannot-write-bundle"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


# --- missing and damaged ---------------------------------------------------------------------------------


def test_nothing_there(tmp_path):
    assert refusal_id(tmp_path / "nowhere") == "model-not-found"


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(bundle_folder, tmp_path, name):
    (bundle_folder / name).unlink()
    assert refusal_id(bundle_folder) == "missing-file"

    files = {other: (bundle_folder / other).read_bytes() for other in FILES if other != name}
    (tmp_path / "b.zip").write_bytes(pack_zip(files))
    assert refusal_id(tmp_path / "b.zip") == "missing-file"


def test_truncated_weights(bundle_folder, spoil):
    content = (bundle_folder / "weights.safetensors").read_bytes()

    assert refusal_id(spoil("weights.safetensors", content[:-10])) == "truncated-weights"


def test_truncated_weights_with_a_matching_card(bundle_folder, spoil):
    content = (bundle_folder / "weights.safetensors").read_bytes()

    assert refusal_id(spoil("weights.safetensors", content[:-10], reseal=True)) == "not-safetensors"


def test_too_long_weights(bundle_folder, spoil):
    content = (bundle_folder / "weights.safetensors").read_bytes()

    assert refusal_id(spoil("weights.safetensors", content + b"\0")) == "wrong-size"


def test_one_changed_bit_is_a_wrong_checksum(bundle_folder, spoil):
    content = bytearray((bundle_folder / "weights.safetensors").read_bytes())
    content[-1] ^= 1

    assert refusal_id(spoil("weights.safetensors", bytes(content))) == "wrong-checksum"


def test_a_changed_golden_file_is_a_wrong_checksum(bundle_folder, spoil):
    content = bytearray((bundle_folder / "golden.npz").read_bytes())
    content[50] ^= 1

    assert refusal_id(spoil("golden.npz", bytes(content))) == "wrong-checksum"


# --- hostile weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_refused_and_not_opened(spoil, tmp_path, protocol):
    trap = tmp_path / "opened"
    content = pickle.dumps(Explosive(trap), protocol=protocol)

    assert refusal_id(spoil("weights.safetensors", content, reseal=True)) == "pickled-weights"
    assert not trap.exists()


def test_an_old_pickle_is_no_safetensors_file(spoil, tmp_path):
    trap = tmp_path / "opened"
    content = pickle.dumps(Explosive(trap), protocol=0)

    assert refusal_id(spoil("weights.safetensors", content, reseal=True)) == "not-safetensors"
    assert not trap.exists()


def test_a_torch_file_is_refused(spoil, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Explosive(tmp_path / "opened")))
    (tmp_path / "model.zip").write_bytes(stream.getvalue())
    (tmp_path / "model.pth").write_bytes(stream.getvalue())

    assert refusal_id(spoil("weights.safetensors", stream.getvalue(), reseal=True)) == "pickled-weights"
    assert refusal_id(tmp_path / "model.zip") == "pickled-weights"
    assert refusal_id(tmp_path / "model.pth") == "pickled-weights"
    assert not (tmp_path / "opened").exists()


def header_only(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


HOSTILE_WEIGHTS = {
    "empty": (b"", "not-safetensors"),
    "seven bytes": (b"\0" * 7, "not-safetensors"),
    "a header of 2^63 bytes": (struct.pack("<Q", 1 << 63) + b"{}", "not-safetensors"),
    "a header that is no JSON": (header_only(b"{hello"), "not-safetensors"),
    "a tensor beyond the end": (
        header_only(b'{"a":{"dtype":"F16","shape":[1000000000],"data_offsets":[0,2000000000]}}'),
        "not-safetensors",
    ),
    "overlapping tensors": (
        header_only(
            b'{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},'
            b'"b":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}}',
            b"\0" * 6,
        ),
        "not-safetensors",
    ),
    "a shape that overflows": (
        header_only(b'{"a":{"dtype":"F16","shape":[9223372036854775807,4],"data_offsets":[0,4]}}', b"\0" * 4),
        "not-safetensors",
    ),
    "no tensors": (save({}), "bad-weights"),
    "integers": (save({"a": np.zeros(3, np.int32)}), "bad-weights"),
    "doubles": (save({"a": np.zeros(3, np.float64)}), "bad-weights"),
    "bfloat16": (
        header_only(b'{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}', b"\0" * 4),
        "bad-weights",
    ),
    "NaN": (save({"a": np.array([0, np.nan], np.float16)}), "bad-weights"),
    "infinity": (save({"a": np.array([0, np.inf], np.float16)}), "bad-weights"),
    "six dimensions": (save({"a": np.zeros((1,) * 6, np.float16)}), "bad-weights"),
    "an empty tensor": (save({"a": np.zeros((0, 3), np.float16)}), "bad-weights"),
    "a long name": (save({"a" * 300: np.zeros(3, np.float16)}), "bad-weights"),
}


@pytest.mark.parametrize("case", HOSTILE_WEIGHTS)
def test_hostile_weights(spoil, case):
    content, expected_id = HOSTILE_WEIGHTS[case]

    assert refusal_id(spoil("weights.safetensors", content or b"", reseal=bool(content))) == (
        expected_id if content else "truncated-weights"
    )


# --- hostile golden arrays -------------------------------------------------------------------------------


def npz(entries, **zip_options) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **zip_options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def npy(array=None, header: bytes | None = None, data: bytes = b"") -> bytes:
    stream = io.BytesIO()
    if header is None:
        np.lib.format.write_array(stream, array)
        return stream.getvalue()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


HOSTILE_GOLDEN = {
    "no zip": b"hello",
    "no arrays": npz([]),
    "something else": npz([("readme.txt", b"hello")]),
    "pickled objects": npz([("a.npy", npy(np.array([{"a": 1}], dtype=object)))]),
    "claims 8 TB": npz([("a.npy", npy(header=b"{'descr':'<f8','fortran_order':False,'shape':(10**12,)}"))]),
    "claims 8 TB plainly": npz(
        [("a.npy", npy(header=b"{'descr':'<f8','fortran_order':False,'shape':(1000000000000,)}\n"))]
    ),
    "negative shape": npz(
        [("a.npy", npy(header=b"{'descr':'<f4','fortran_order':False,'shape':(-1,-1)}\n", data=b"\0" * 4))]
    ),
    "code in the header": npz([("a.npy", npy(header=b"__import__('os').abort()\n"))]),
    "structured": npz([("a.npy", npy(np.zeros(2, dtype=[("x", "f4")])))]),
    "text": npz([("a.npy", npy(np.array(["hello"])))]),
    "NaN": npz([("a.npy", npy(np.array([np.nan])))]),
    "100 arrays": npz([(f"{i}.npy", npy(np.zeros(1))) for i in range(100)]),
    "a bomb": npz([("a.npy", b"\0" * (65 << 20))], compression=zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("case", HOSTILE_GOLDEN)
def test_hostile_golden(spoil, case):
    assert refusal_id(spoil("golden.npz", HOSTILE_GOLDEN[case], reseal=True)) == "bad-golden"


def test_golden_keeps_order_and_type_of_arrays(tmp_path, card_data, weights):
    golden = {
        "fortran": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
        "flags": np.array([True]),
    }
    bundle = write_bundle(tmp_path / "new", card_data, weights, golden)

    for name, array in golden.items():
        np.testing.assert_array_equal(bundle.golden[name], array)
        assert bundle.golden[name].dtype == array.dtype
        assert bundle.golden[name].flags.writeable


# --- hostile cards ---------------------------------------------------------------------------------------


def test_an_unknown_architecture(bundle_folder, spoil):
    card = json.loads((bundle_folder / "model.json").read_text())
    card["architecture"]["name"] = "os"

    assert refusal_id(spoil("model.json", json.dumps(card).encode())) == "unknown-architecture"


def test_the_card_cannot_point_elsewhere(bundle_folder, spoil):
    card = json.loads((bundle_folder / "model.json").read_text())
    card["weights"]["file"] = "../../secret.safetensors"

    assert refusal_id(spoil("model.json", json.dumps(card).encode())) == "bad-card"


def test_an_endless_card_is_not_read_to_its_end(bundle_folder, spoil):
    assert refusal_id(spoil("model.json", b" " * (2 << 20))) == "wrong-size"
