"""Which names of Slicer our panels use, and in which versions of Slicer those exist.

``known.json`` is the record, made by ``collect.py`` from Slicer's sources. A test compares it with the code:
a name that is new in the code fails until it has been looked up and recorded.

=====================  =================================================================================
file                   what it holds
=====================  =================================================================================
ui_files.py            the widgets, properties, signals and slots that our .ui files name
paths.py               what an expression leads to: ``slicer.app.layoutManager().layout`` as a path
uses.py                all paths in module and Scene files, and all names in .ui files
headers.py             C++ headers: classes, their bases, what scripts can reach of them
python_sources.py      Python sources: names of modules, methods of classes
lookup.py              whether a path exists in a source tree of Slicer
record.py              known.json: read, written, asked
collect.py             the command that brings the record up to date
=====================  =================================================================================
"""
