"""A CSV file as cells: encoding, delimiter and row numbers as a spreadsheet shows them.

UTF-8 is read, with the byte order mark that Excel writes or without, and UTF-16 where a mark says so (Excel's
"Unicode text"). Columns are separated by commas, semicolons or tabs, whichever the header has.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from .cohort_error import CohortError

_DELIMITERS = (",", ";", "\t")
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class TextTable:
    """Header and records of a file.

    Attributes:
        source: Its path, for messages.
        header: Names as written, without blanks around them.
        records: Row number (header 1) and cells, as many as the header has; empty rows are left out.
        delimiter: Between the cells.
    """

    source: str
    header: tuple[str, ...]
    records: tuple[tuple[int, tuple[str, ...]], ...]
    delimiter: str


def read_text_table(path: Path) -> TextTable:
    """Read a CSV file.

    Raises:
        CohortError: If there is no such file, it is no text in UTF-8, it has no header or no rows, or a row
            has more or fewer cells than the header.
    """
    text = _decoded(path)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):  # Excel's own first line, which it does not show
        text = rest
    delimiter = _delimiter(text)
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CohortError(
            f"{path} is no CSV table ({error}): is a quotation mark missing? Save it again as CSV.",
            id="unreadable-table",
        ) from error
    numbered = [(number, tuple(cell.strip() for cell in line)) for number, line in enumerate(lines, start=1)]
    filled = [(number, cells) for number, cells in numbered if any(cells)]
    if not filled:
        raise CohortError(f"{path} is empty; give a header and one row a mask.", id="empty-table")
    (header_row, header), *records = filled
    if not records:
        raise CohortError(f"{path} has a header (row {header_row}) and no rows below it.", id="empty-table")
    width = _width(header, records)
    checked = tuple((number, _fitting(path, number, cells, width, delimiter)) for number, cells in records)
    return TextTable(str(path), header[:width], checked, delimiter)


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CohortError(f"There is no file {path}; check its name.", id="file-not-found") from error
    except OSError as error:
        raise CohortError(
            f"{path} cannot be read ({error.strerror}); give a CSV file.", id="unreadable-table"
        ) from error
    if data.startswith((_ZIP, _OLD_EXCEL)):
        raise CohortError(
            f"{path} is a spreadsheet, not a CSV file; save it in the spreadsheet program as CSV UTF-8.",
            id="unreadable-table",
        )
    marks = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (b"", "utf-8-sig"))
    encoding = next(encoding for mark, encoding in marks if data.startswith(mark))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CohortError(_wrong_encoding(path, data, error), id="wrong-encoding") from error
    if "\0" in text:
        raise CohortError(
            f"{path} holds bytes that are no text; save the table as CSV UTF-8.", id="unreadable-table"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wrong_encoding(path: Path, data: bytes, error: UnicodeDecodeError) -> str:
    """Where the first byte is that is not UTF-8; Latin-1 reads every byte, so that places can be counted."""
    before = data[: error.start].decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    row = before.count("\n") + 1
    start_of_line = before.rsplit("\n", 1)[-1]
    column = start_of_line.count(_delimiter(data.decode("latin-1"))) + 1
    byte = data[error.start]
    return (
        f"{path}, row {row}, column {column}: byte 0x{byte:02X} is not UTF-8, so that names would be read "
        "wrong; save the table as CSV UTF-8."
    )


def _delimiter(text: str) -> str:
    """The one that separates most names of the header; a comma where there is one name only."""
    header = next((line for line in text.split("\n") if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: (header.count(delimiter), delimiter == ","))


def _width(header: tuple[str, ...], records: list[tuple[int, tuple[str, ...]]]) -> int:
    """Columns in use: spreadsheets append empty ones, without a name."""
    width = len(header)
    while width > 1 and not header[width - 1] and not any(any(c[width - 1 : width]) for _, c in records):
        width -= 1
    return width


def _fitting(
    path: Path, number: int, cells: tuple[str, ...], width: int, delimiter: str
) -> tuple[str, ...]:
    surplus = any(cells[width:])
    if len(cells) >= width and not surplus:
        return cells[:width]
    hint = (
        "is a number written with a decimal comma, or a text with commas not in quotation marks?"
        if surplus and delimiter == ","
        else "every row needs a cell for each name of the header."
    )
    raise CohortError(
        f"{path}, row {number}: {len(cells)} cells, but the header names {width} columns; {hint}",
        id="uneven-row",
        row=number,
        expected=width,
        found=len(cells),
    )
