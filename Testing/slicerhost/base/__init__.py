"""Our own version of the Python layer of Slicer that slicer-core does not carry.

``slicer.ScriptedLoadableModule``, ``slicer.parameterNodeWrapper`` and ``slicer.i18n``, as far as the panels
use them. Parameters are stored under the names and in the forms that Slicer uses, so scenes can be exchanged.
"""
