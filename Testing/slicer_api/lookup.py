"""Whether a path exists in a version of Slicer, looked up in its sources.

A path is followed from name to name as long as the class of what it leads to is known. Behind an object whose
class is not known, a name exists if any class has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from slicer_api import headers, python_sources
from slicer_api.headers import Member
from slicer_api.qt_classes import QtClasses

PRESENT, ABSENT, QT6_ONLY, UNKNOWN = "+", "-", "q", "?"
"""QT6_ONLY: a name of Qt that PySide6 (Qt 6) has: a slot or property, which PythonQt's list for Qt 5 leaves
out. UNKNOWN: in none of the sources at hand.
"""

_INSTANCES = {"app": "qSlicerApplication", "mrmlScene": "vtkMRMLScene"}
_SELF = ("ScriptedLoadableModule", "ScriptedLoadableModuleWidget", "ScriptedLoadableModuleLogic",
         "ScriptedLoadableModuleTest", "VTKObservationMixin")  # fmt: skip
_UNITTEST = re.compile(r"assert[A-Z]\w*|subTest|skipTest|fail")
_SELF_OBJECTS = {
    "parent": ("qSlicerScriptedLoadableModule", "qSlicerScriptedLoadableModuleWidget"),
    "layout": ("QVBoxLayout",),
}
_ANY = ""


@dataclass(frozen=True)
class Thing:
    """What a path has led to: classes it may be of ("" is any), or a Python module.

    exact: it was made from its class, and is of no class derived from it.
    """

    classes: tuple[str, ...] = (_ANY,)
    module: str = ""
    exact: bool = True


class Sources:
    """Sources of one version of Slicer, of its CTK, its VTK and PythonQt's wrappers."""

    def __init__(self, slicer: Path, ctk: Path, vtk: Path, pythonqt: Path) -> None:
        self._slicer, self._vtk = slicer, vtk
        cpp = [slicer / "Base", slicer / "Libs", slicer / "Modules", ctk / "Libs", vtk]
        self.classes = headers.read_folders(cpp)
        self._qt = QtClasses(pythonqt)
        self._modules: dict[str, python_sources.PythonModule | None] = {}

    def look_up(self, path: str) -> str:
        """PRESENT, ABSENT, QT6_ONLY or UNKNOWN."""
        root, *names = re.findall(r"ui:\w+|[^.()]+\([^()]+\)|[^.()]+|\(\)", path)
        thing = self._root(root)
        mark = PRESENT if self._known_root(root) else ABSENT
        index = 0
        while index < len(names) and mark != ABSENT:
            name = names[index]
            is_last_signal = index == len(names) - 2 and names[-1] == "()"
            if name == "()":
                index += 1
                continue
            found, thing = self._step(thing, name + "()" if is_last_signal else name)
            mark = found if found != PRESENT else mark
            index += 2 if is_last_signal else 1
        return mark

    def _root(self, root: str) -> Thing:
        if root.startswith("ui:"):
            return Thing((root[3:],))
        if root == "self":
            return Thing(module="self")
        return Thing(module=root) if root in ("slicer", "vtk", "qt", "ctk", "sitkUtils") else Thing()

    def _known_root(self, root: str) -> bool:
        """Whether a .ui file can hold the widget: those not of Qt need a plugin for its loader."""
        kind = root[3:] if root.startswith("ui:") else ""
        return not kind or f"{kind}Plugin" in self.classes or kind in self._qt or kind == "Line"

    def _step(self, thing: Thing, name: str) -> tuple[str, Thing]:
        if name.endswith("=)"):
            return self._keyword(thing, *name[:-2].split("(")), Thing()
        if thing.module:
            return self._in_module(thing.module, name)
        if name == "connect" or name == "disconnect":
            return PRESENT, Thing()
        found = [self._in_class(cls, name) for cls in thing.classes]
        if not thing.exact:
            derived = [one for cls in thing.classes for one in self._derived(cls)]
            found += [self._in_class(cls, name) for cls in derived]
        return next((one for one in found if one[0] == PRESENT), found[0])

    def _in_module(self, module: str, name: str) -> tuple[str, Thing]:
        if module == "self":
            return self._inherited(name)
        if module == "slicer" and name in _INSTANCES:
            return PRESENT, Thing((_INSTANCES[name],))
        if module == "slicer" and name == "modules":
            return PRESENT, Thing(module="slicer.modules")
        if module == "slicer.modules":
            return self._slicer_module(name), Thing(("qSlicerAbstractCoreModule",), exact=False)
        if module == "qt":
            return self._qt.look_up(name), Thing((name,))
        if name in self.classes and module in ("slicer", "vtk", "ctk"):
            return PRESENT, Thing((name,))
        source = self._python(module)
        inner = self._python(f"{module}.{name}")
        if inner is not None:
            return PRESENT, Thing(module=f"{module}.{name}")
        if source is not None and name in source.classes:
            return PRESENT, Thing((f"{module}:{name}",))
        if source is not None and name in source.names:
            return PRESENT, Thing()
        if module == "vtk":
            return (PRESENT if name in self._vtk_names else ABSENT), Thing()
        return ABSENT, Thing()

    def _keyword(self, thing: Thing, function: str, keyword: str) -> str:
        """Whether a function takes a keyword argument. Those of C++ take none."""
        found, _ = self._step(thing, function)
        source = self._python(thing.module) if thing.module else None
        if found == ABSENT or source is None or function not in source.names:
            is_python = thing.module == "self" or any(":" in cls for cls in thing.classes)
            return PRESENT if is_python and found != ABSENT else ABSENT
        return PRESENT if source.takes(function, keyword) else ABSENT

    def _in_class(self, cls: str, name: str) -> tuple[str, Thing]:
        plain = name.partition("(")[0]
        if cls == _ANY:
            return self._in_any(plain)
        if ":" in cls:
            return self._in_python_class(cls, name)
        if cls in self._qt:
            mark, returned = self._qt.member(cls, name)
            return mark, Thing((returned,))
        member, whole = self._member(cls, plain)
        if member is None:
            return (ABSENT if whole else UNKNOWN), Thing()
        if "(" in name and name.partition("(")[2].rstrip(")") not in self._signatures(cls, plain):
            return ABSENT, Thing()
        if not member.scripted:
            return ABSENT, Thing()
        return PRESENT, self._returned(member.returns)

    def _returned(self, cls: str) -> Thing:
        return Thing((cls if cls in self.classes else _ANY,), exact=False)

    def _derived(self, cls: str) -> list[str]:
        """All classes below a class."""
        direct = self._by_base.get(cls, [])
        return [*direct, *(one for child in direct for one in self._derived(child))]

    def _member(self, cls: str, name: str) -> tuple[Member | None, bool]:
        """A member of a class or its bases; and whether all of the bases could be read."""
        found = self.classes.get(cls)
        if found is None:
            mark, _ = self._qt.member(cls, name) if cls in self._qt else (UNKNOWN, "")
            return (Member() if mark in (PRESENT, QT6_ONLY) else None), cls in self._qt
        if name in found.members and found.members[name].scripted:
            return found.members[name], True
        whole = True
        for base in found.bases:
            member, base_whole = self._member(base, name)
            if member is not None:
                return member, True
            whole &= base_whole
        return None, whole

    def _signatures(self, cls: str, name: str) -> set[str]:
        found = self.classes.get(cls)
        if found is None:
            return self._qt.signatures(cls, name)
        own = found.members[name].signatures if name in found.members else set()
        # An argument with a default makes a second, shorter signal.
        shorter = {one.rpartition(",")[0] for one in own}
        return own | shorter | {one for base in found.bases for one in self._signatures(base, name)}

    def _in_any(self, name: str) -> tuple[str, Thing]:
        """A name on an object of an unknown class."""
        members = self._by_name.get(name, [])
        if members:
            returns = {member.returns for member in members}
            return PRESENT, self._returned(returns.pop() if len(returns) == 1 else _ANY)
        if name in self._python_members or name in self._image_members or name.islower():
            return PRESENT, Thing()
        return self._qt.in_any(name), Thing()

    def _in_python_class(self, cls: str, name: str) -> tuple[str, Thing]:
        module, _, plain = cls.partition(":")
        source = self._python(module)
        assert source is not None
        found = source.classes.get(plain)
        if found is None:
            return UNKNOWN, Thing()
        if name in found.members or name.startswith("__"):
            return PRESENT, Thing()
        marks = [
            self._in_python_class(f"{module}:{base.rpartition('.')[2]}", name)[0] for base in found.bases
        ]
        return (PRESENT if PRESENT in marks else ABSENT), Thing()

    def _inherited(self, name: str) -> tuple[str, Thing]:
        """A name on ``self`` that no class of ours defines."""
        for cls in _SELF:
            for module in ("slicer.ScriptedLoadableModule", "slicer.util"):
                source = self._python(module)
                if source is not None and cls in source.classes and name in source.classes[cls].members:
                    return PRESENT, Thing(_SELF_OBJECTS.get(name, (_ANY,)))
        return (PRESENT if _UNITTEST.fullmatch(name) else ABSENT), Thing()

    def _slicer_module(self, name: str) -> str:
        if name.startswith("liver"):
            return PRESENT
        folders = {path.name.lower() for path in self._slicer.glob("Modules/*/*") if path.is_dir()}
        return PRESENT if name in folders else UNKNOWN

    def _python(self, module: str) -> python_sources.PythonModule | None:
        if module not in self._modules:
            parts = module.split(".")
            folder = self._slicer / "Base" / "Python"
            if parts[0] == "vtk":
                folder, parts = self._vtk / "Wrapping" / "Python", ["vtkmodules", *parts[1:]]
            found = python_sources.read(folder.joinpath(*parts)) if parts[0] != "qt" else None
            self._modules[module] = found
        return self._modules[module]

    @cached_property
    def _by_name(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        for cls in self.classes.values():
            for name, member in cls.members.items():
                if member.scripted:
                    found.setdefault(name, []).append(member)
        return found

    @cached_property
    def _by_base(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for cls in self.classes.values():
            for base in cls.bases:
                found.setdefault(base, []).append(cls.name)
        return found

    @cached_property
    def _python_members(self) -> set[str]:
        found: set[str] = set()
        for name in ("util", "ScriptedLoadableModule", "parameterNodeWrapper"):
            source = self._python(f"slicer.{name}")
            for cls in source.classes.values() if source is not None else ():
                found |= cls.members
            found |= source.names if source is not None else set()
        return found

    @cached_property
    def _image_members(self) -> set[str]:
        """A SimpleITK.Image may be behind an unknown name, too."""
        import SimpleITK as sitk

        return set(dir(sitk.Image))

    @cached_property
    def _vtk_names(self) -> set[str]:
        """Constants and decorators of the module vtk."""
        found = set()
        for file in ("vtkConstants.py", "misc.py"):
            path = self._vtk / "Wrapping" / "Python" / "vtkmodules" / "util" / file
            found |= set(re.findall(r"^(?:def )?(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
        types = next(self._vtk.rglob("Common/Core/vtkType.h")).read_text(encoding="utf-8", errors="replace")
        return found | set(re.findall(r"#\s*define\s+(VTK_\w+)", types))
