"""What tests of Liver Set-up do with it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

MODULE = Path(__file__).resolve().parents[1] / "LiverCore.py"
WITHIN_S = 200.0  # a busy machine is no failure


def wait(host: Any, section: Any) -> str:
    """Wait until a section has no work; gives what it says."""
    host.process_events(lambda: section.work is None, WITHIN_S)
    return str(section.ui.statusLabel.text)


def wheel(
    folder: Path, name: str, version: str = "99.0", tag: str = "py3-none-any", needs: tuple = ()
) -> Path:
    """A tiny wheel with one module, as pip takes it."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in needs)
    files = {
        f"{name}/__init__.py": f'__version__ = "{version}"\n',
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{path},sha256={digest},{len(text.encode())}\n"
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path


def zipped(folder: Path, path: Path) -> Path:
    """The files of a folder as a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return path
