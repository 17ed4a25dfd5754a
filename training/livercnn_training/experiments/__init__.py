"""Experiments: what standardization does to segmentation by protocol, and which protocol to choose."""
