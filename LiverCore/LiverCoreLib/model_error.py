"""The error of everything that concerns model bundles."""

from __future__ import annotations

from LiverCoreLib.errors import LiverCNNError


class ModelError(LiverCNNError):
    """A model bundle is missing, damaged, hostile or not the one that is needed.

    Ids: ``model-not-found``, ``not-a-bundle``, ``bad-card``, ``unknown-architecture``, ``missing-file``,
    ``truncated-weights``, ``wrong-size``, ``wrong-checksum``, ``pickled-weights``, ``not-safetensors``,
    ``bad-weights``, ``bad-golden``, ``unsafe-zip``, ``wrong-task``, ``no-default-model``,
    ``model-already-installed``, ``cannot-write-bundle``, ``golden-mismatch``, ``weights-do-not-fit``.
    """

    id = "model-error"
