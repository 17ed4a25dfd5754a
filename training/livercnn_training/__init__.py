"""Train and evaluate the networks outside Slicer. The training loop needs only torch, numpy, scipy and scikit-image."""
