"""PySide6 made to behave like PythonQt, the Qt binding inside 3D Slicer.

PythonQt is stricter in places where PySide6 forgives: what would fail in Slicer fails here, loudly.

=====================  =================================================================================
file                   what it holds
=====================  =================================================================================
qt_classes.py          ``qt.QWidget`` and its like: no keyword arguments, isinstance on the exact class only
properties.py          Qt properties are attributes (``label.text``), not methods (``label.text()``)
attributes.py          no new attributes on C++ objects; children by name
signals.py             ``connect('clicked(bool)', f)`` with the exact signature; errors in slots are kept
ui_loader.py           ``qt.QUiLoader``: unknown widgets, properties, signals and slots of a .ui are kept
messages.py            Qt's own warnings are kept
qt_module.py           the module ``qt`` put together of these
=====================  =================================================================================
"""
