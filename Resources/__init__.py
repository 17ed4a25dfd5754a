"""Data shipped with the libraries, installed under the name `livercnn_resources`: model bundles."""
