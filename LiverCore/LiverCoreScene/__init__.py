"""What all panels do with Slicer's scene: volumes and masks out of it, nodes beside others, reasons why not.

Apart from LiverCoreLib, which knows nothing of Slicer. The modules' own Scene packages build on it.
"""
