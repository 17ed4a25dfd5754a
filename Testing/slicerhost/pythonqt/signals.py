"""``connect`` and ``disconnect`` as in PythonQt: exact signatures, as many arguments as the function takes.

PythonQt prints what goes wrong in a slot and goes on; here it is also kept as an incident.
"""

from __future__ import annotations

import sys
import traceback
import types
import warnings
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

from slicerhost.incidents import INCIDENTS, PYTHONQT, SLOT_ERROR
from slicerhost.pythonqt.native import declared, is_signal

_raw_connect = QtCore.SignalInstance.connect
_raw_disconnect = QtCore.SignalInstance.disconnect
_MISSING = object()
_connected: dict[Callable[..., Any], list[Callable[..., None]]] = {}
"""Function of a script to what Qt really calls for it, once per connection."""


def install(classes: list[type]) -> None:
    """Replace connect and disconnect of all Qt classes and of their signals."""
    QtCore.SignalInstance.connect = _connect_signal
    QtCore.SignalInstance.disconnect = _disconnect_signal
    for cls in classes:
        # PySide6 answers connect and disconnect before it looks at class attributes.
        if cls is QtCore.QObject or "__getattribute__" in cls.__dict__:
            cls.__getattribute__ = _with_connect(cls.__getattribute__)


def forget_all() -> None:
    """Let go of the functions of scripts whose widgets are gone."""
    _connected.clear()


def _with_connect(original: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def lookup(self: QtCore.QObject, name: str) -> Any:
        if name == "connect":
            return lambda *args: _connect(self, *args)
        if name == "disconnect":
            return lambda *args: _disconnect(self, *args)
        return original(self, name)

    return lookup


def _connect(sender: QtCore.QObject, *args: Any) -> bool:
    """``connect('sig(type)', function)`` or ``connect('sig(type)', receiver, 'slot(type)')``."""
    signature, *target = args
    found = find_signal(sender, signature)
    if found is None or not target:
        return False
    if len(target) == 2:
        return _connect_to_slot(found, signature, *target)
    return _connect_signal(found, target[0], arguments=_count(signature))


def _disconnect(sender: QtCore.QObject, *args: Any) -> bool:
    signature, *target = args
    found = find_signal(sender, signature)
    return found is not None and len(target) == 1 and _disconnect_signal(found, target[0])


def find_signal(sender: QtCore.QObject, signature: str) -> QtCore.SignalInstance | None:
    """The bound signal of an exact C++ signature; None, and an incident, if the class has no such signal."""
    wanted = _normalized(signature)
    stand_in_signals = declared(type(sender), "SIGNALS")
    if wanted in stand_in_signals:
        return getattr(sender, stand_in_signals[wanted])
    known = _signatures(sender)
    name, _, rest = wanted.partition("(")
    if wanted not in known or not is_signal(getattr(type(sender), name, None)):
        same_name = sorted(one for one in (*known, *stand_in_signals) if one.startswith(name + "("))
        INCIDENTS.add(
            PYTHONQT,
            f"signal '{signature}' does not exist on {type(sender).__name__}; "
            + (f"it has {', '.join(same_name)}" if same_name else "it has none of that name"),
        )
        return None
    bound = getattr(sender, name)
    overloaded = len([one for one in known if one.startswith(name + "(")]) > 1
    types_wanted = rest.rstrip(")")
    return bound[types_wanted] if overloaded and types_wanted else bound


def _signatures(sender: QtCore.QObject) -> list[str]:
    """All signatures of C++ signals, without those of PySide6's ``object``, which C++ has not."""
    meta = sender.metaObject()
    methods = (meta.method(index) for index in range(meta.methodCount()))
    found = [
        method.methodSignature().data().decode()
        for method in methods
        if method.methodType() == QtCore.QMetaMethod.MethodType.Signal
    ]
    return [one for one in found if "PyObject" not in one]


def _normalized(signature: str) -> str:
    return QtCore.QMetaObject.normalizedSignature(signature.lstrip("012")).data().decode()


def _count(signature: str) -> int:
    inside = _normalized(signature).partition("(")[2].rstrip(")")
    return len(inside.split(",")) if inside else 0


def _connect_to_slot(found: QtCore.SignalInstance, signature: str, receiver: Any, slot: str) -> bool:
    """Wire a signal to a slot by name, as .ui files do."""
    name = slot.lstrip("012").partition("(")[0]
    target = getattr(receiver, name, None)
    if not callable(target) and not isinstance(target, QtCore.SignalInstance):
        INCIDENTS.add(PYTHONQT, f"slot '{slot}' does not exist on {type(receiver).__name__}")
        return False
    if _count(slot) > _count(signature):
        INCIDENTS.add(PYTHONQT, f"slot '{slot}' takes more arguments than signal '{signature}' gives")
        return False
    if isinstance(target, QtCore.SignalInstance):
        _raw_connect(found, target)
        return True
    return _connect_signal(found, target, arguments=_count(slot))


def _connect_signal(
    signal: QtCore.SignalInstance, function: Any, *rest: Any, arguments: int | None = None
) -> bool:
    """Connect to a Python function.

    Args:
        signal: The bound signal.
        function: What to call; another signal, or anything with a connection type, goes to PySide6 as it is.
        rest: A connection type.
        arguments: How many arguments the signature in ``connect('clicked()', f)`` lets through; None is all.
    """
    if isinstance(function, QtCore.SignalInstance) or rest or not callable(function):
        _raw_connect(signal, function, *rest)
        return True
    wanted = _positional_arguments(function)
    limits = [limit for limit in (wanted, arguments) if limit is not None]
    limit = min(limits) if limits else None

    def call(*values: Any) -> None:
        try:
            function(*values[:limit])
        except Exception:  # noqa: BLE001 - whatever a script raises in a slot, PythonQt prints and goes on
            INCIDENTS.add(SLOT_ERROR, traceback.format_exc())
            traceback.print_exc(file=sys.stderr)

    connected = _with_arguments(call, limit, has_none="() at" in repr(signal))
    _raw_connect(signal, connected)
    _connected.setdefault(function, []).append(connected)
    return True


def _with_arguments(call: Callable[..., None], count: int | None, has_none: bool) -> Callable[..., None]:
    """A function of so many arguments: they tell PySide6 whether clicked() or clicked(bool) is meant.

    Args:
        call: What to call with the values that come.
        count: How many the script's function takes; None is all.
        has_none: Whether PySide6 takes the version without arguments by default, which PythonQt does not.
    """
    if count == 0:
        return lambda: call()
    if count == 1 or (count is None and has_none):
        return lambda value=_MISSING: call() if value is _MISSING else call(value)
    return lambda *values: call(*values)


def _disconnect_signal(signal: QtCore.SignalInstance, function: Any = None, *rest: Any) -> bool:
    """Disconnect a function; False, as in PythonQt, if it was not connected."""
    if function is None or isinstance(function, QtCore.SignalInstance) or rest or not callable(function):
        return _tries(signal, function, *rest)
    calls = _connected.get(function, [])
    for index in reversed(range(len(calls))):
        if _tries(signal, calls[index]):
            del calls[index]
            return True
    return False


def _tries(signal: QtCore.SignalInstance, *target: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PySide6 warns where PythonQt returns False
        try:
            return bool(_raw_disconnect(signal, *(one for one in target if one is not None)))
        except (RuntimeError, TypeError):
            return False


def _positional_arguments(function: Callable[..., Any]) -> int | None:
    """How many arguments PythonQt passes: as many as the function names; None is all."""
    bound = isinstance(function, types.MethodType)
    plain = function.__func__ if bound else function
    if (
        not isinstance(plain, types.FunctionType) or plain.__code__.co_flags & 0x04
    ):  # a builtin, or it has *args
        return None
    return plain.__code__.co_argcount - bound
