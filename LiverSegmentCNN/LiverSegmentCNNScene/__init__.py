"""What LiverSegmentCNN does with nodes of Slicer's scene: volumes out of it, masks into it.

Apart from LiverSegmentCNNLib, which knows nothing of Slicer, and from the module file, which holds the panel.
"""
