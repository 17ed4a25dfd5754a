"""``slicer.app.coreIOManager()``: loads and saves through the real storage nodes and logics."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

import vtk

from slicerhost.mrml_application import MrmlApplication

_KINDS = {
    ".seg.nrrd": "SegmentationFile",
    ".nii.gz": "VolumeFile",
    ".nrrd": "VolumeFile",
    ".nii": "VolumeFile",
    ".mha": "VolumeFile",
    ".mrml": "SceneFile",
    ".mrb": "SceneFile",
    ".vtp": "ModelFile",
    ".stl": "ModelFile",
    ".csv": "TableFile",
    ".tsv": "TableFile",
    ".h5": "TransformFile",
    ".tfm": "TransformFile",
    ".mrk.json": "MarkupsFile",
}
_NODE_AND_STORAGE = {
    "ModelFile": ("vtkMRMLModelNode", "vtkMRMLModelStorageNode"),
    "TableFile": ("vtkMRMLTableNode", "vtkMRMLTableStorageNode"),
    "TransformFile": ("vtkMRMLTransformNode", "vtkMRMLTransformStorageNode"),
}
_LABELMAP, _CENTER, _AUTO_WINDOW = 1, 2, 8  # options of vtkSlicerVolumesLogic::AddArchetypeVolume


class IOManager:
    """Loads and saves nodes and scenes; what it cannot do is an error in the messages, as in Slicer."""

    def __init__(self, mrml: MrmlApplication) -> None:
        self._mrml = mrml

    def fileType(self, name: str) -> str:
        endings = [ending for ending in _KINDS if name.lower().endswith(ending)]
        return _KINDS[max(endings, key=len)] if endings else "NoFile"

    def loadNodes(
        self, kind: str, properties: dict[str, Any], nodes: Any = None, messages: Any = None
    ) -> bool:
        """Load a file; the nodes are added to a vtkCollection.

        Args:
            kind: ``VolumeFile`` and so on.
            properties: ``fileName``, and Slicer's options for this kind.
            nodes: A vtkCollection, or None.
            messages: A vtkMRMLMessageCollection for the reason of a failure, or None.
        """
        path = Path(str(properties["fileName"]))
        name = properties.get("name") or path.name.split(".")[0]
        if not path.exists():
            return _failed(messages, f"{path} does not exist")
        if kind == "SceneFile":
            return self._load_scene(path) or _failed(messages, f"{path} is no scene")
        if kind in _NODE_AND_STORAGE:
            node = self._load_stored(path, name, *_NODE_AND_STORAGE[kind])
        elif kind == "VolumeFile":
            node = self._load_volume(path, name, properties)
        elif kind == "SegmentationFile":
            segmentations = self._mrml.module_logics["Segmentations"]
            node = segmentations.LoadSegmentationFromFile(str(path), True, name)
        else:
            return _failed(messages, f"slicerhost loads no {kind}")
        if node is None:
            return _failed(messages, f"{path} cannot be read")
        if nodes is not None:
            nodes.AddItem(node)
        return True

    def _load_volume(self, path: Path, name: str, properties: dict[str, Any]) -> Any:
        options = _AUTO_WINDOW
        options |= _LABELMAP if properties.get("labelmap") else 0
        options |= _CENTER if properties.get("center") else 0
        node = self._mrml.module_logics["Volumes"].AddArchetypeVolume(str(path), name, options)
        if node is not None and properties.get("show", True) and not properties.get("labelmap"):
            self._mrml.logic.GetSelectionNode().SetActiveVolumeID(node.GetID())
            self._mrml.logic.PropagateVolumeSelection()
        return node

    def _load_stored(self, path: Path, name: str, node_class: str, storage_class: str) -> Any:
        scene = self._mrml.scene
        node = scene.AddNewNodeByClass(node_class, scene.GenerateUniqueName(name))
        storage = scene.AddNewNodeByClass(storage_class)
        storage.SetFileName(str(path))
        if not storage.ReadData(node):
            scene.RemoveNode(node)
            scene.RemoveNode(storage)
            return None
        node.SetAndObserveStorageNodeID(storage.GetID())
        if node.IsA("vtkMRMLDisplayableNode"):
            node.CreateDefaultDisplayNodes()
        return node

    def _load_scene(self, path: Path) -> bool:
        """Add a scene to the one there is."""
        if path.suffix == ".mrb":
            folder = Path(tempfile.mkdtemp(dir=self._mrml.logic.GetTemporaryPath()))
            with zipfile.ZipFile(path) as bundle:
                bundle.extractall(folder)
            path = next(folder.rglob("*.mrml"))
        self._mrml.scene.SetURL(str(path))
        return bool(self._mrml.scene.Import())

    def saveNodes(self, kind: str, properties: dict[str, Any], messages: Any = None) -> bool:
        """Save a node (``nodeID``), or the scene, to ``fileName``."""
        scene, path = self._mrml.scene, Path(str(properties["fileName"])).absolute()
        if not path.parent.is_dir():
            return _failed(messages, f"{path.parent} does not exist")
        if kind == "SceneFile":
            scene.SetURL(str(path))
            scene.SetRootDirectory(str(path.parent))
            return bool(scene.WriteToMRB(str(path)) if path.suffix == ".mrb" else scene.Commit(str(path)))
        node = scene.GetNodeByID(properties["nodeID"])
        if node.GetStorageNode() is None:
            node.AddDefaultStorageNode(str(path))
        storage = node.GetStorageNode()
        storage.SetFileName(str(path))
        if "useCompression" in properties:
            storage.SetUseCompression(int(properties["useCompression"]))
        return bool(storage.WriteData(node)) or _failed(messages, f"{path} cannot be written")

    def fileWriterFileType(self, node: Any) -> str:
        return node.GetClassName()

    def exportNodes(self, ids: Any, names: Any, properties: Any, harden: bool, messages: Any = None) -> bool:
        """Write copies of nodes; the scene does not remember the files."""
        written = []
        for node_id, name in zip(ids, names, strict=True):
            node = self._mrml.scene.GetNodeByID(node_id)
            storage = node.CreateDefaultStorageNode()
            storage.UnRegister(None)
            storage.SetFileName(str(name))
            written.append(bool(storage.WriteData(node)))
        return all(written)


def _failed(messages: Any, reason: str) -> bool:
    if messages is not None:
        messages.AddMessage(vtk.vtkCommand.ErrorEvent, reason)
    return False
