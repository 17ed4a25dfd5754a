"""Zips from strangers: each hostile one is a real file, and nothing of it is ever unpacked to the disk."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from LiverCoreLib.bundles import load_bundle
from LiverCoreLib.model_error import ModelError
from LiverCoreLib.safezip import pack_zip, read_zip

LIMITS = {"model.json": 1000, "weights.safetensors": 1000}


def entry(name: str, mode: int = 0o100644, compress_type: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = compress_type
    return info


def zip_file(path, *entries):
    with zipfile.ZipFile(path, "w") as archive:
        for info, content in entries:
            archive.writestr(info, content)
    return path


def refusal(path):
    with pytest.raises(ModelError) as caught:
        read_zip(path, LIMITS)
    return caught.value


def test_files_come_back_by_name(tmp_path):
    files = {"model.json": b"{}", "weights.safetensors": b"\0" * 900}
    (tmp_path / "b.zip").write_bytes(pack_zip(files))

    assert read_zip(tmp_path / "b.zip", LIMITS) == files
    assert pack_zip(files) == pack_zip(files)


@pytest.mark.parametrize(
    "name",
    [
        "../model.json",
        "tiny/../../model.json",
        "/model.json",
        "//server/model.json",
        "C:\\model.json",
        "C:model.json",
        "..\\model.json",
        "./model.json",
        "tiny//model.json",
        "..",
        "../",
        "model.json/",
        "a/b/model.json",
        "weights.safetensors/model.json",
        "readme.txt",
        "MODEL.JSON",
        "model.json\0.txt",
    ],
)
def test_names_that_are_not_expected(tmp_path, name):
    # zipfile itself cuts names at NUL while writing, so a stand-in of the same length is replaced afterwards.
    path = zip_file(
        tmp_path / "b.zip", (entry(name.replace("\0", "?")), b"{}"), (entry("weights.safetensors"), b"")
    )
    path.write_bytes(path.read_bytes().replace(b"model.json?.txt", b"model.json\0.txt"))

    assert refusal(path).id == "unsafe-zip"


def test_a_link_is_refused(tmp_path):
    path = zip_file(tmp_path / "b.zip", (entry("model.json", stat.S_IFLNK | 0o777), b"/etc/passwd"))

    assert refusal(path).id == "unsafe-zip"
    assert "link" in str(refusal(path))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["model.json", "Model.json", "tiny/model.json"])
def test_doubled_names_are_refused(tmp_path, second):
    path = zip_file(tmp_path / "b.zip", (entry("model.json"), b"{}"), (entry(second), b"{}"))

    assert refusal(path).id == "unsafe-zip"


def test_too_large_a_file_is_refused_before_it_is_unpacked(tmp_path):
    path = zip_file(tmp_path / "b.zip", (entry("model.json"), b"\0" * 1001))

    assert refusal(path).id == "unsafe-zip"
    assert "1001 bytes" in str(refusal(path))


def test_a_size_that_lies_is_refused(tmp_path):
    """The directory says 100 bytes, the packed data hold 1 MB."""
    path = zip_file(tmp_path / "b.zip", (entry("model.json"), b"\0" * 1_000_000))
    content = path.read_bytes().replace(struct.pack("<L", 1_000_000), struct.pack("<L", 100))
    path.write_bytes(content)

    assert refusal(path).id in ("unsafe-zip", "not-a-bundle")


def test_many_files_are_refused(tmp_path):
    path = zip_file(tmp_path / "b.zip", *[(entry(f"{i}.txt"), b"") for i in range(100)])

    assert refusal(path).id == "unsafe-zip"


def test_an_encrypted_file_is_refused(tmp_path):
    path = zip_file(tmp_path / "b.zip", (entry("model.json"), b"{}"))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))

    assert refusal(path).id == "unsafe-zip"


@pytest.mark.parametrize("compress_type", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(tmp_path, compress_type):
    path = zip_file(tmp_path / "b.zip", (entry("model.json", compress_type=compress_type), b"{}" * 100))

    assert refusal(path).id == "unsafe-zip"


@pytest.mark.parametrize("content", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_something_else_than_a_zip(tmp_path, content):
    (tmp_path / "b.zip").write_bytes(content)

    assert refusal(tmp_path / "b.zip").id == "not-a-bundle"


def test_a_truncated_zip(tmp_path):
    path = zip_file(tmp_path / "b.zip", (entry("model.json"), b"{}" * 300))
    path.write_bytes(path.read_bytes()[:-30])

    assert refusal(path).id == "not-a-bundle"


def test_wrong_checksum_inside_the_zip(tmp_path):
    path = zip_file(tmp_path / "b.zip", (entry("model.json", compress_type=zipfile.ZIP_STORED), b"{  }"))
    path.write_bytes(path.read_bytes().replace(b"{  }", b"{ x}"))

    assert refusal(path).id == "not-a-bundle"


@given(data=st.data())
def test_any_damage_to_a_zip_is_a_plain_error(tmp_path_factory, data):
    """Whatever bytes are changed, the loader answers with a ModelError."""
    content = bytearray(pack_zip({"model.json": b'{"id": "a"}', "weights.safetensors": b"\0\1" * 20}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "b.zip"
    path.write_bytes(bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))]))

    with pytest.raises(ModelError):
        load_bundle(path)


@given(data=st.data())
def test_any_damage_to_golden_arrays_is_a_plain_error(data):
    import numpy as np

    from LiverCoreLib.golden import pack_golden, parse_golden

    stream = io.BytesIO()
    np.savez(stream, input=np.arange(6, dtype=np.float32))  # stored, so that damage reaches the array headers
    content = bytearray(data.draw(st.sampled_from([stream.getvalue(), pack_golden({"a": np.zeros(4)})])))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(ModelError):
        parse_golden(bytes(content))


@given(data=st.data())
def test_any_damage_to_an_array_header_is_a_plain_error(data):
    """As above behind a correct checksum, so that the damage is seen by the header's parser."""
    import numpy as np

    from LiverCoreLib.golden import parse_golden

    array = io.BytesIO()
    np.lib.format.write_array(array, np.arange(6, dtype=np.float32))
    content = bytearray(array.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    with contextlib.suppress(ModelError):
        parse_golden(pack_zip({"input.npy": bytes(content)}))
