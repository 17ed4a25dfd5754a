"""What the panel of LiverStandardize is made of; it needs Slicer."""
