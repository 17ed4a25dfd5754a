"""Our own version of the Python layer of Slicer that slicer-core does not carry.

That is ``slicer.ScriptedLoadableModule``, ``slicer.parameterNodeWrapper``, ``slicer.i18n`` and ``sitkUtils``,
as far as the panels use them. Parameters are stored as Slicer stores them, so scenes can be exchanged.
"""
