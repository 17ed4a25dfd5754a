"""What LiverMetrics does with nodes of Slicer's scene: masks out of it, tables, overlays and plots into it.

Apart from LiverMetricsLib, which knows nothing of Slicer, and from the module file, which holds the panel.
"""
