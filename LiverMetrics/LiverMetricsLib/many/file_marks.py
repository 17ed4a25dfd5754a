"""Telling whether a file is still the one that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from LiverCoreLib.file_layout import metaimage_layout
from LiverCoreLib.image_checks import UnsupportedImage
from LiverCoreLib.integrity import InputFile, sha256_of
from LiverCoreLib.output import file_suffix

# Time stamps are as coarse as two seconds (FAT): a file may change within that without a new one.
_COARSEST_STAMP_NS = 2_000_000_000


@dataclass(frozen=True)
class FileMark:
    """What a file was like when it was measured.

    Attributes:
        sizes, modified_ns: Bytes and modification time of the file, or of the two that a .mhd stands for.
        sha256: Of its content, in hexadecimal digits.
    """

    sizes: tuple[int, ...]
    modified_ns: tuple[int, ...]
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileMark:
        """The mark of a file as it is now. Raises OSError or UnsupportedImage if it cannot be read."""
        files = _files_of(path)
        sizes, modified_ns = _stamps(files)
        return cls(sizes, modified_ns, sha256_of(files))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FileMark:
        """The mark that ``to_dict`` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        sizes, modified_ns = (tuple(int(n) for n in values[name]) for name in ("sizes", "modified_ns"))
        return cls(sizes, modified_ns, str(values["sha256"]))

    def to_dict(self) -> dict[str, Any]:
        return {"sizes": list(self.sizes), "modified_ns": list(self.modified_ns), "sha256": self.sha256}

    def still_holds(self, path: Path, measured_ns: int) -> bool:
        """Whether a file has the content it had when it was measured.

        Size and time stamp decide where they can: another size is another content; the same stamps are the
        same content if they were old enough when the file was measured. Otherwise the content is read.

        Args:
            path: The file.
            measured_ns: When it was measured, in the clock of the time stamps.
        """
        try:
            files = _files_of(path)
            sizes, modified_ns = _stamps(files)
            if sizes != self.sizes:
                return False
            settled = max(modified_ns) + _COARSEST_STAMP_NS < measured_ns
            if settled and modified_ns == self.modified_ns:
                return True
            return sha256_of(files) == self.sha256
        except (OSError, UnsupportedImage):  # gone or damaged: measuring it again tells the user how
            return False


def _files_of(path: Path) -> list[InputFile]:
    return metaimage_layout(path) if file_suffix(path) == ".mhd" else [InputFile(path)]


def _stamps(files: list[InputFile]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = [file.path.stat() for file in files]
    return tuple(stat.st_size for stat in found), tuple(stat.st_mtime_ns for stat in found)
