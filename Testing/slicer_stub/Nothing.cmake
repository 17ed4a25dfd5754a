# Slicer writes the configuration file of the extension here; there is nothing to check.
