"""C++ headers of Slicer, CTK and VTK, read as far as scripts are concerned: classes, bases, names in them.

Read by patterns, not by a compiler: enough for headers in the style of these projects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_TEXT_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_CLASS = re.compile(
    r"^\s*(?:class|struct)\s+(?:\w+_EXPORT\s+|VTK_\w+(?:\([^)]*\))?\s+)*(?P<name>\w+)\s*(?:final\s*)?"
    r"(?::(?P<bases>[^{;]*))?\{",
    re.MULTILINE,
)
_BASE = re.compile(r"(?:public|protected|private)\s+(?:virtual\s+)?(\w+)")
_ACCESS = re.compile(
    r"\b(?P<who>public|protected|private)\s*(?P<slots>slots|Q_SLOTS)?\s*:(?!:)|\b(?P<signals>signals|Q_SIGNALS)\s*:"
)
_PROPERTY = re.compile(r"Q_PROPERTY\s*\(\s*([\w:<>, ]+?[\s*&]+)(\w+)\s+(?:READ|MEMBER)")
_ENUM = re.compile(r"\benum\b[^{;]*\{([^}]*)\}")
_FUNCTION = re.compile(r"(?P<before>[^;{}()]*?)\b(?P<name>~?\w+)\s*\((?P<arguments>[^;{}]*?)\)", re.DOTALL)
_MACRO = re.compile(
    r"\bvtk(?:MRML)?(?P<kind>(?:Set|Get|Boolean|New|Type)\w*)Macro\s*\(\s*(?P<name>\w+)\s*(?:,\s*(?P<type>\w+))?"
)
_CONSTANT = re.compile(r"\bstatic\s+const\w*\s+[\w:*\s]+?\b(\w+)\s*[=;\[]")
_NO_BRACES = re.compile(r"=\s*\{\s*\}")  # the default of an argument, as in f(std::string name = {})
_WRAPPED_ARRAY = (
    "GetValue",
    "SetValue",
    "InsertValue",
    "InsertNextValue",
    "SetNumberOfValues",
    "GetValueRange",
)
_EVENT = re.compile(r"_vtk_add_event\((\w+)\)")
_RETURNED = re.compile(r"(\w+)\s*\*\s*$")


@dataclass
class Member:
    """One name in a class. scripted: whether PythonQt shows it. returns: class of the object it gives, or "".
    signatures: types of arguments, as in ``currentNodeChanged(vtkMRMLNode*)``, one per overload.
    """

    scripted: bool = True
    returns: str = ""
    signatures: set[str] = field(default_factory=set)


@dataclass
class CppClass:
    """A class: names of its bases, and what is declared in it."""

    name: str
    bases: tuple[str, ...]
    members: dict[str, Member]


def read_folders(folders: Iterable[Path]) -> dict[str, CppClass]:
    """All classes in the headers below some folders."""
    classes: dict[str, CppClass] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.h")):
            if "Testing" in path.parts:
                continue
            for cls in read_text(path.read_text(encoding="utf-8", errors="replace")):
                # A wrapped class may be declared ahead in a test or an example; the longest is the real one.
                known = classes.get(cls.name)
                if known is None or len(known.members) < len(cls.members):
                    classes[cls.name] = cls
    _add_decorations(classes)
    return classes


def read_text(text: str) -> Iterator[CppClass]:
    """The classes of one header."""
    text = _TEXT_OR_COMMENT.sub(lambda match: '""' if match[0].startswith('"') else "", text)
    text = _NO_BRACES.sub("= 0", text)
    for match in _CLASS.finditer(text):
        body = _body(text, match.end())
        if match["name"] == "vtkCommand":  # its events are in a macro above it
            body += "".join(f"_vtk_add_event({name})" for name in _EVENT.findall(text))
        bases = tuple(_BASE.findall(match["bases"] or ""))
        yield CppClass(match["name"], bases, dict(_members(body)))


def _body(text: str, start: int) -> str:
    """From behind an opening brace to its closing one; bodies of functions are left out."""
    depth, kept, piece_start = 1, [], start
    for brace in re.finditer(r"[{}]", text[start:]):
        place = start + brace.start()
        if brace[0] == "{":
            depth += 1
            opens_enum = re.search(r"\benum\b[^;{}()]*$", text[piece_start:place])
            if depth == 2 and not opens_enum:
                kept.append(text[piece_start:place] + ";")
                piece_start = -1
            elif depth == 2:
                kept.append(text[piece_start : place + 1])
                piece_start = place + 1
        else:
            depth -= 1
            if depth == 0:
                return "".join([*kept, text[piece_start:place] if piece_start >= 0 else ""])
            if depth == 1:
                if piece_start < 0:
                    piece_start = place + 1
                else:
                    kept.append(text[piece_start : place + 1])
                    piece_start = place + 1
    return "".join(kept)


def _members(body: str) -> Iterator[tuple[str, Member]]:
    found: dict[str, Member] = {}
    is_qt = "Q_OBJECT" in body
    for match in _PROPERTY.finditer(body):
        found[match[2]] = Member(returns=_class_of(match[1]))
    for match in _ENUM.finditer(body):
        for name in re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)", match[1].strip()):
            found.setdefault(name, Member())
    for name in [
        *_EVENT.findall(body),
        *(_WRAPPED_ARRAY if "vtkCreateWrappedArrayInterface(" in body else ()),
    ]:
        found.setdefault(name, Member())
    for match in _CONSTANT.finditer(body):
        found.setdefault(match[1], Member())
    for match in _MACRO.finditer(body):
        for name, member in _of_macro(match["kind"], match["name"], match["type"] or ""):
            found.setdefault(name, member)
    for section, scripted in _sections(body, is_qt):
        for match in _FUNCTION.finditer(section):
            name = match["name"]
            visible = scripted or "Q_INVOKABLE" in match["before"]
            member = found.setdefault(name, Member(visible))
            member.scripted |= visible
            member.returns = member.returns or _class_of(match["before"])
            member.signatures.add(normalised(match["arguments"]))
    yield from found.items()


def _sections(body: str, is_qt: bool) -> Iterator[tuple[str, bool]]:
    """Public parts of a class, and whether PythonQt shows all that is in them."""
    marks = [*_ACCESS.finditer(body)]
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    for mark, end in zip(marks, ends):
        if mark["signals"] or mark["who"] == "public":
            yield body[mark.end() : end], bool(not is_qt or mark["signals"] or mark["slots"])


def _of_macro(kind: str, name: str, second: str) -> Iterator[tuple[str, Member]]:
    if kind.startswith("Boolean"):
        yield from ((f"{name}{end}", Member()) for end in ("On", "Off"))
    elif kind.startswith("Type"):
        yield from ((one, Member()) for one in ("IsA", "GetClassName", "SafeDownCast", "NewInstance"))
    else:
        if kind.startswith("Set") or "Set" in kind:
            yield f"Set{name}", Member()
        if "Get" in kind:
            yield f"Get{name}", Member(returns=second if second.startswith(("vtk", "q")) else "")


def _class_of(text: str) -> str:
    """The class of a returned object, from the text before a function's name; empty for plain values."""
    match = _RETURNED.search(text.strip())
    return match[1] if match else ""


def normalised(arguments: str) -> str:
    """Types alone, as in a signature of Qt: ``const QString& name, int n = 0`` -> ``QString,int``."""
    types = []
    for argument in re.split(r",(?![^<]*>)", arguments):
        plain = re.sub(r"=.*", "", argument, flags=re.DOTALL)
        plain = re.sub(r"\bconst\b|&|\bvirtual\b|\bstruct\b|\bclass\b", " ", plain).strip()
        match = re.match(r"((?:unsigned\s+)?[\w:]+(?:<.*>)?)\s*(\**)\s*(\w*)\s*$", plain.replace("* ", "*"))
        if plain and match:
            types.append(match[1] + match[2])
        elif plain:
            types.append(plain.replace(" ", ""))
    return ",".join(types)


def _add_decorations(classes: dict[str, CppClass]) -> None:
    """PythonQt decorators: ``layoutManager(qSlicerApplication*)`` there is a method of that class."""
    for decorator in [cls for name, cls in classes.items() if name.endswith("Decorators")]:
        for name, member in decorator.members.items():
            for signature in member.signatures:
                owner = classes.get(signature.partition(",")[0].rstrip("*"))
                if owner is not None and member.scripted:
                    owner.members.setdefault(name, Member(returns=member.returns)).scripted = True
