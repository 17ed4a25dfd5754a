"""The golden arrays of a bundle: a tiny input and its output, stored as .npz and read without pickle.

``numpy.load`` evaluates a file's header as Python text and allocates whatever size it claims. Here a header
is matched by a pattern, and its shape has to fit the bytes that are really there.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.lib import format as npy_format

from LiverCoreLib.model_error import ModelError
from LiverCoreLib.safezip import FIXED_TIME, read_entry

MAX_GOLDEN_BYTES = 64 << 20
_MAX_ARRAYS = 64
_SUFFIX = ".npy"

# What numpy writes for booleans, integers and floats up to 64 bits, in C or Fortran order.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)"
    rb"(?P<text>\{'descr': '(?P<dtype>\|b1|\|[iu]1|<[iu][248]|<f[248])', "
    rb"'fortran_order': (?P<fortran>True|False), 'shape': \((?P<shape>(?:\d{1,9},? ?){0,8})\), \} *\n)",
    re.DOTALL,
)


def parse_golden(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays (numbers or booleans, all finite) in the bytes of a golden.npz by name.

    Raises:
        ModelError: ``bad-golden`` for anything else than small, whole, plain arrays.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            contents = {entry.filename: read_entry(archive, entry) for entry in entries}
        return {name[: -len(_SUFFIX)]: _parse_array(content) for name, content in contents.items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        # What zipfile and numpy raise for damaged content.
        raise _bad_golden(str(error)) from error


def pack_golden(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of a compressed .npz; the same arrays always give the same bytes.

    Raises ModelError (``bad-golden``) for arrays of something else than numbers or booleans.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(name + _SUFFIX, date_time=FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            array = np.asarray(arrays[name])
            if array.dtype.kind not in "fiub":
                raise _bad_golden(f"array {name!r} has type {array.dtype}")
            array_bytes = io.BytesIO()
            npy_format.write_array(array_bytes, array, allow_pickle=False)
            archive.writestr(entry, array_bytes.getvalue())
    return stream.getvalue()


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if not names or len(names) > _MAX_ARRAYS:
        raise _bad_golden(f"it holds {len(names)} arrays")
    if len(set(names)) != len(names):
        raise _bad_golden("it holds two arrays of one name")
    if not all(name.endswith(_SUFFIX) for name in names):
        raise _bad_golden("it holds something else than arrays")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_GOLDEN_BYTES:
        raise _bad_golden(f"it unpacks to {total} bytes, more than the {MAX_GOLDEN_BYTES} allowed")


def _parse_array(content: bytes) -> np.ndarray:
    """Return the array in the bytes of a .npy file; ValueError says what is wrong with it."""
    header = _HEADER.match(content)
    if header is None or len(header["text"]) != int.from_bytes(header["length"], "little"):
        raise ValueError("an array is not a plain array of numbers in .npy format 1.0")
    dtype = np.dtype(header["dtype"].decode("ascii"))
    shape = tuple(int(size) for size in header["shape"].replace(b",", b" ").split())
    data = content[header.end() :]
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"an array of shape {shape} has {len(data)} bytes")
    array = np.frombuffer(data, dtype=dtype).reshape(
        shape, order="F" if header["fortran"] == b"True" else "C"
    )
    if not np.isfinite(array).all():
        raise ValueError("an array has NaN or infinity among its values")
    return array.copy(order="K")  # of its own and writable, as torch wants it


def _bad_golden(reason: str) -> ModelError:
    return ModelError(
        f"golden.npz cannot be used: {reason}; get the bundle again from its source.", id="bad-golden"
    )
