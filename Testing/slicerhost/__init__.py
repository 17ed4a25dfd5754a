"""A stand-in for the 3D Slicer desktop, for tests of our panels.

Real, from PyPI's slicer-core: the MRML scene, its nodes, the displayable managers, the logics and
``slicer.util``. Ours, on PySide6: ``qt`` with PythonQt's strictness, the CTK and Slicer widgets that the
panels use, the loader of scripted modules, parameter nodes, views without a screen. It is not the desktop:
what passes here is run in Slicer as well.

A test takes the fixture ``host``, of :mod:`slicerhost.plugin`. To look at a panel::

    python -m slicerhost MODULE.py --screenshot panel.png --width 400
"""
