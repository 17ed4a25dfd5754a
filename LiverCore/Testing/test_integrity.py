"""A compressed file is whole if its checksum is that of the voxels read, or else if it can be unpacked."""

from __future__ import annotations

import gzip
import struct
import zlib

import numpy as np
import pytest

from LiverCoreLib import integrity
from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.images import read_volume
from LiverCoreLib.integrity import InputFile, check_whole, sha256_of

VOXELS = np.random.default_rng(0).integers(-1000, 1000, (5, 6, 7)).astype("<i2")


@pytest.fixture
def no_unpacking(monkeypatch):
    """Fail where a file is unpacked although its voxels are known."""

    def fail(file):
        pytest.fail(f"{file} was unpacked a second time")

    monkeypatch.setattr(integrity, "_unpack", fail)


def pack(kind: str, content: bytes) -> bytes:
    return gzip.compress(content) if kind == "gzip" else zlib.compress(content)


@pytest.mark.parametrize(("kind", "before"), [("gzip", 0), ("gzip", 352), ("zlib", 0)])
def test_the_checksum_of_the_voxels_is_proof(tmp_path, no_unpacking, kind, before):
    path = tmp_path / "a"
    path.write_bytes(b"header\n\n" + pack(kind, bytes(before) + VOXELS.tobytes()))
    file = InputFile(path, packed_from=8, voxels_from=before, unpacked_bytes=before + VOXELS.nbytes)
    check_whole([file], VOXELS)


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
def test_voxels_that_were_converted_are_checked_by_unpacking(tmp_path, kind):
    path = tmp_path / "a"
    path.write_bytes(pack(kind, VOXELS.tobytes()))
    file = InputFile(path, packed_from=0, unpacked_bytes=VOXELS.nbytes)
    check_whole([file], VOXELS.astype(np.float32) * 2)
    check_whole([file])


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
@pytest.mark.parametrize("known", [True, False])
def test_every_cut_is_noticed(tmp_path, kind, known):
    path = tmp_path / "a"
    content = pack(kind, VOXELS.tobytes())
    for length in [*range(8, len(content), 17), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(UnsupportedImage) as caught:
            check_whole([InputFile(path, packed_from=0)], VOXELS * 0 if known else None)
        assert caught.value.id == "damaged-file"


def test_a_stream_that_is_whole_but_too_short(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(VOXELS.tobytes()))
    with pytest.raises(UnsupportedImage, match=r"holds 420 bytes where its header asks for 421"):
        check_whole([InputFile(path, packed_from=0, unpacked_bytes=421)])
    path.write_bytes(b"12345")
    with pytest.raises(UnsupportedImage, match=r"holds 5 bytes where its header asks for 6"):
        check_whole([InputFile(path, unpacked_bytes=6)])


def test_much_data_in_few_bytes_is_unpacked_in_parts(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(bytes(50 << 20)))
    check_whole([InputFile(path, packed_from=0, unpacked_bytes=50 << 20)])


def test_the_hash_of_several_files_is_that_of_one(tmp_path):
    for name, content in (("a", b"one"), ("b", b"two"), ("c", b"onetwo")):
        (tmp_path / name).write_bytes(content)
    parts = [InputFile(tmp_path / "a"), InputFile(tmp_path / "b")]
    assert sha256_of(parts) == sha256_of([InputFile(tmp_path / "c")])


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("intercept", [0.0, -1024.0])
def test_nifti_that_itk_converts(tmp_path, endian, intercept):
    header = bytearray(352)
    struct.pack_into(endian + "i", header, 0, 348)
    struct.pack_into(endian + "8h", header, 40, 3, 7, 6, 5, 1, 1, 1, 1)
    struct.pack_into(endian + "hh", header, 70, 4, 16)
    struct.pack_into(endian + "4f", header, 76, 1, 1, 1, 1)
    struct.pack_into(endian + "fff", header, 108, 352, 1, intercept)
    header[344:348] = b"n+1\0"
    content = gzip.compress(bytes(header) + VOXELS.astype(endian + "i2").tobytes())
    path = tmp_path / "a.nii.gz"
    path.write_bytes(content)
    assert read_volume(path).image[1, 2, 3] == VOXELS[3, 2, 1] + intercept
    path.write_bytes(content[:-20])
    with pytest.raises(UnsupportedImage) as caught:
        read_volume(path)
    assert caught.value.id == "damaged-file"
