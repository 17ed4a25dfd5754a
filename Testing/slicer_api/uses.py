"""Everything of Slicer that our module files, Scene packages and .ui files use."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from slicer_api import paths, ui_files

REPOSITORY = Path(__file__).resolve().parents[2]
BASE = "LiverCore"
"""The module whose Scene package all panels share."""
_CONNECTING = ("connect", "disconnect")


def modules(repository: Path = REPOSITORY) -> list[Path]:
    """Folders of our modules."""
    return sorted(path.parent for path in repository.glob("Liver*/CMakeLists.txt"))


def sources(module: Path) -> list[Path]:
    """The files of a module that talk to Slicer."""
    return sorted([*module.glob("Liver*.py"), *module.glob("Liver*Scene/**/*.py")])


def all_uses(repository: Path = REPOSITORY) -> dict[str, set[str]]:
    """Path to the files that use it, for example ``slicer.util.loadUI`` -> {"LiverCore/..."}."""
    found: dict[str, set[str]] = defaultdict(set)
    own = own_names(repository)
    widgets = {module.name: _widgets(module) for module in modules(repository)}
    for module in modules(repository):
        for ui in _ui_files(module):
            for kind, name in (*ui.properties, *ui.wires):
                found[f"ui:{kind}.{name}"].add(f"{module.name}/Resources/UI")
            for kind in ui.widgets.values():
                found[f"ui:{kind}"].add(f"{module.name}/Resources/UI")
        known = widgets[module.name]
        if module.name == BASE:  # its classes are bases of sections whose .ui files lie in other modules
            known = {**_union(list(widgets.values())), **known}
        for path in sources(module):
            for use in uses_of(ast.parse(path.read_text(encoding="utf-8")), own, known):
                found[use].add(path.relative_to(repository).as_posix())
    return dict(found)


def _ui_files(module: Path) -> list[ui_files.UiFile]:
    return [ui_files.read(path) for path in sorted(module.glob("Resources/UI/*.ui"))]


def _widgets(module: Path) -> dict[str, frozenset[str]]:
    """Name to classes of the widgets in a module's .ui files."""
    pairs = [one.widgets.items() for one in _ui_files(module)]
    return _union([{name: frozenset({kind})} for items in pairs for name, kind in items])


def _union(parts: list[dict[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for name, kinds in part.items():
            found[name] = found.get(name, frozenset()) | kinds
    return found


def own_names(repository: Path = REPOSITORY) -> frozenset[str]:
    """Names that our own modules define: functions, classes, and attributes of either."""
    found = set()
    files = [
        path
        for module in modules(repository)
        for path in (*sources(module), *module.glob("Liver*Lib/**/*.py"))
    ]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
            if isinstance(node, ast.ClassDef):
                found |= {name for name in _class_attributes(node) if name != "ui"}
    return frozenset(found)


def _class_attributes(cls: ast.ClassDef) -> Iterator[str]:
    """Names assigned in the body of a class, and those of ``self.name = ...``."""
    for statement in cls.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield from (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
    for node in ast.walk(cls):
        stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if stored and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr


def uses_of(
    tree: ast.Module, own: frozenset[str] = frozenset(), widgets: dict[str, frozenset[str]] | None = None
) -> set[str]:
    """Paths that a file leads along, without those of which nothing is known."""
    names = paths.Names(own, widgets or {})
    found = set(_imports(tree, names))
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            found |= _in_class(statement, names)
        else:
            found |= _in_function(statement, names)
    return {path for path in found if "." in path and not path.startswith("@")}


def _imports(tree: ast.Module, names: paths.Names) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                names.values[alias.asname or whole] = paths.imported(whole, None)
                yield from paths.imported(alias.name, None)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = "Liver" if node.level else node.module or ""
                leads_to = paths.imported(module, alias.name)
                names.values[alias.asname or alias.name] = leads_to
                yield from leads_to
    for name in [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]:
        names.values[name] = {paths.UNKNOWN}


def _in_class(cls: ast.ClassDef, outer: paths.Names) -> set[str]:
    names = paths.Names(outer.own, outer.widgets, dict(outer.values), {}, in_class=True)
    for node in ast.walk(cls):  # first what self's attributes lead to
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            for one, value in _pairs(target, node.value):
                if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self" and one.attr != "ui":
                    leads_to = paths.of(value, names) or {paths.UNKNOWN}
                    kept = names.attributes.setdefault(one.attr, set())
                    if not (isinstance(value, ast.Constant) and value.value is None):
                        kept |= leads_to
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.attributes.setdefault(node.target.id, set())
    inherited = {path for base in cls.bases for path in paths.of(base, outer)}
    found = {path for path in inherited if path != paths.UNKNOWN}
    for name in [name for name, leads_to in names.attributes.items() if not leads_to]:
        names.attributes[name] = {paths.UNKNOWN}
    # `self.parent.title = ...` sets an attribute of what is inherited, and makes none of ours.
    for statement in [*cls.decorator_list, *cls.keywords, *cls.body]:
        found |= _in_function(statement, names)
    return found


def _in_function(node: ast.AST, outer: paths.Names) -> set[str]:
    """Paths in a statement; a function has variables of its own."""
    names = outer
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        names = paths.Names(
            outer.own, outer.widgets, dict(outer.values), outer.attributes, in_class=outer.in_class
        )
        for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            names.values[argument.arg] = {paths.UNKNOWN}
        body = node.body if isinstance(node.body, list) else []
        _assignments(body, names)
    found: set[str] = set()
    if isinstance(node, ast.Attribute):
        found |= {path for path in paths.of(node, names) if not path.endswith("()")}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CONNECTING:
        signature = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if isinstance(signature, str):
            found |= {f"{path}.{signature}" for path in paths.of(node.func.value, names)}
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] != "format":
        known = [path for path in paths.of(node.func, names) if path != paths.UNKNOWN]
        found |= {f"{path}({word.arg}=)" for path in known for word in node.keywords if word.arg}
    for child in ast.iter_child_nodes(node):
        found |= _in_class(child, names) if isinstance(child, ast.ClassDef) else _in_function(child, names)
    return found


def _assignments(body: list[ast.stmt], names: paths.Names) -> None:
    """What variables of a function lead to: the union over all that is assigned to them."""
    fresh: dict[str, set[str]] = defaultdict(set)
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign):
                pairs = [pair for target in node.targets for pair in _pairs(target, node.value)]
                given = [(one, paths.of(value, names)) for one, value in pairs]
            elif isinstance(node, (ast.For, ast.comprehension)):
                given = [(node.target, paths.elements(node.iter, names))]
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                given = [(node.optional_vars, paths.of(node.context_expr, names))]
            else:
                continue
            for one, leads_to in given:
                targets = one.elts if isinstance(one, ast.Tuple) else [one]
                for target in targets:
                    if isinstance(target, ast.Name):
                        fresh[target.id] |= leads_to if target is one else {paths.UNKNOWN}
                        names.values[target.id] = fresh[target.id]


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Targets with their values, also for ``a, b = x, y``."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts))
    return [(target, value)]
