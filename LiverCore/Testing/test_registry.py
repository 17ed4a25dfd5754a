"""Models are found by id or path, installed and exported whole, and verified."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from LiverCoreLib import bundles, registry, verification
from LiverCoreLib.bundles import load_bundle, write_bundle
from LiverCoreLib.errors import LiverCNNError
from LiverCoreLib.model_error import ModelError


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """A search path of our own: a named folder, the user's and one with what came with LiverCNN."""
    for name in ("named", "user", "shipped"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("LIVERCNN_MODELS", str(tmp_path / "named"))
    monkeypatch.setattr(registry, "user_folder", lambda: tmp_path / "user")
    monkeypatch.setattr(registry, "shipped_folders", lambda: [tmp_path / "shipped"])
    return tmp_path


@pytest.fixture
def put(folders, card_data, weights, golden):
    """Write a valid bundle into one of the folders."""

    def write(folder, model_id="tiny-ct", version="1.0.0") -> Path:
        card = {**card_data, "id": model_id, "version": version}
        return write_bundle(folders / folder / model_id, card, weights, golden).path

    return write


# --- finding ---------------------------------------------------------------------------------------------


def test_the_search_path_has_an_order(put, folders):
    assert registry.search_path() == [folders / "named", folders / "user", folders / "shipped"]

    shipped = put("shipped")
    assert registry.find_model("tiny-ct") == shipped
    user = put("user", version="1.1.0")
    assert registry.find_model("tiny-ct") == user
    named = put("named", version="1.2.0")
    assert registry.find_model("tiny-ct") == named
    assert [model.card.version for model in registry.list_models()] == ["1.2.0"]


def test_several_named_folders(folders, monkeypatch):
    monkeypatch.setenv("LIVERCNN_MODELS", os.pathsep.join(["/a", "", "/b"]))

    assert registry.search_path()[:2] == [Path("/a"), Path("/b")]


def test_a_path_is_a_path(put, folders, monkeypatch):
    path = put("shipped")
    monkeypatch.chdir(path.parent)

    assert registry.find_model(str(path)) == path
    assert registry.find_model(path) == path
    assert registry.find_model(f".{os.sep}tiny-ct") == Path(f".{os.sep}tiny-ct")


def test_an_id_goes_before_a_folder_of_that_name(put, folders, monkeypatch):
    path = put("shipped")
    (folders / "elsewhere" / "tiny-ct").mkdir(parents=True)
    monkeypatch.chdir(folders / "elsewhere")

    assert registry.find_model("tiny-ct") == path


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tiny-tc", "did you mean 'tiny-ct'?"),
        ("resnet", "installed are large-ct, tiny-ct."),
        ("", "There is no model ''"),
        ("/nowhere/model.zip", "There is no model at /nowhere/model.zip"),
    ],
)
def test_what_is_not_there(put, word, message):
    put("shipped"), put("user", "large-ct")
    with pytest.raises(ModelError) as caught:
        registry.find_model(word)

    assert caught.value.id == "model-not-found"
    assert message in str(caught.value)


def test_nothing_installed_says_how_to_install():
    with pytest.raises(ModelError, match="livercnn models install"):
        registry.find_model("tiny-ct")


def test_a_broken_card_is_listed_with_its_problem(put, folders):
    put("shipped")
    (folders / "user" / "broken").mkdir()
    (folders / "user" / "broken" / "model.json").write_text("{")
    (folders / "user" / "notes").mkdir()
    broken, tiny = registry.list_models()

    assert (broken.id, broken.card) == ("broken", None)
    assert "not JSON" in broken.problem
    assert (tiny.id, tiny.problem) == ("tiny-ct", None)


# --- defaults --------------------------------------------------------------------------------------------


def test_the_default_segmenter_comes_from_the_defaults_file(folders):
    with pytest.raises(ModelError) as caught:
        _ = registry.DEFAULT_SEGMENTER
    assert caught.value.id == "no-default-model"

    (folders / "shipped" / "defaults.json").write_text(json.dumps({"segment": {"CT": "tiny-ct"}}))
    assert registry.DEFAULT_SEGMENTER == "tiny-ct"
    assert registry.default_ids() == {"tiny-ct"}

    (folders / "user" / "defaults.json").write_text(json.dumps({"segment": {"MR": "tiny-mr"}}))
    assert registry.default_model("segment", "CT") == "tiny-ct"
    assert registry.default_model("segment", "MR") == "tiny-mr"


@pytest.mark.parametrize("content", ["{", "[]", '{"segment": "tiny-ct"}', '{"segment": {"CT": 3}}'])
def test_a_broken_defaults_file_is_a_plain_error(folders, content):
    (folders / "shipped" / "defaults.json").write_text(content)
    with pytest.raises(ModelError, match=r"defaults\.json") as caught:
        registry.default_model("segment", "CT")

    assert caught.value.id == "no-default-model"


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError):
        _ = registry.DEFAULT_STANDARDIZER


# --- installing and exporting ----------------------------------------------------------------------------


def test_export_and_install_carry_a_model_to_another_machine(put, folders):
    exported = registry.export_model(put("shipped"), folders / "carried.zip")
    shutil.rmtree(folders / "shipped")
    model = registry.install_model(exported)

    assert model.path == folders / "user" / "tiny-ct"
    assert load_bundle(model.path).sha256 == load_bundle(exported).sha256
    assert registry.find_model("tiny-ct") == model.path
    assert sorted(os.listdir(folders / "user")) == ["tiny-ct"]


def test_exports_are_equal_to_the_byte(put, folders):
    path = put("shipped")
    first, second = (registry.export_model(path, folders / name) for name in ("a.zip", "b.zip"))

    assert first.read_bytes() == second.read_bytes()


def test_installing_twice_is_no_error(bundle_folder):
    registry.install_model(bundle_folder)

    assert registry.install_model(bundle_folder).id == "tiny-ct"


def test_another_version_is_replaced_only_on_demand(put, bundle_folder):
    installed = put("user", version="0.9.0")
    with pytest.raises(ModelError, match="--replace") as caught:
        registry.install_model(bundle_folder)
    assert caught.value.id == "model-already-installed"
    assert load_bundle(installed).card.version == "0.9.0"

    registry.install_model(bundle_folder, replace=True)
    assert load_bundle(installed).card.version == "1.0.0"


def test_a_damaged_bundle_changes_nothing(put, spoil, folders):
    installed = put("user", version="0.9.0")
    damaged = spoil("weights.safetensors", b"\0" * 3)
    with pytest.raises(ModelError, match="cut short"):
        registry.install_model(damaged, replace=True)
    with pytest.raises(ModelError, match="cut short"):
        registry.export_model(damaged, folders / "carried.zip")

    assert load_bundle(installed).card.version == "0.9.0"
    assert sorted(os.listdir(folders / "user")) == ["tiny-ct"]
    assert not (folders / "carried.zip").exists()


def test_a_place_that_cannot_be_written(folders, bundle_folder):
    (folders / "user").rmdir()
    (folders / "user").write_text("a file where the folder should be")
    with pytest.raises(ModelError) as caught:
        registry.install_model(bundle_folder)

    assert caught.value.id == "cannot-write-bundle"


def test_a_disk_that_fills_up_leaves_nothing(put, folders, bundle_folder, monkeypatch):
    installed = put("user", version="0.9.0")

    def full(path, content):
        path.write_bytes(content[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(bundles, "_write_flushed", full)
    with pytest.raises(ModelError, match="No space left") as caught:
        registry.install_model(bundle_folder, replace=True)

    assert caught.value.id == "cannot-write-bundle"
    assert load_bundle(installed).card.version == "0.9.0"
    assert os.listdir(folders / "user") == ["tiny-ct"]


def test_an_export_needs_a_zip_name_and_a_folder(put, folders):
    put("shipped")
    with pytest.raises(LiverCNNError, match=r"\.zip"):
        registry.export_model("tiny-ct", folders / "model.rar")
    with pytest.raises(LiverCNNError, match="does not exist"):
        registry.export_model("tiny-ct", folders / "nowhere" / "model.zip")


# --- verifying -------------------------------------------------------------------------------------------


@pytest.fixture
def golden_check(monkeypatch):
    """Put a stand-in for the network's own check into the table."""

    def place(difference):
        monkeypatch.setitem(verification.GOLDEN_CHECKS, "unet3d", (__name__, "stand_in"))
        monkeypatch.setattr(verification, "_golden_check", lambda name: lambda bundle: difference)

    return place


def test_verify_computes_the_golden_output(put, golden_check):
    put("shipped")
    golden_check(0.003)
    result = registry.verify_model("tiny-ct")

    assert (result.golden_difference, result.tolerance) == (0.003, 0.01)
    assert "is whole" in result.sentence and "0.003" in result.sentence
    json.dumps(result.to_dict())


@pytest.mark.parametrize("difference", [0.02, float("nan")])
def test_verify_fails_on_another_output(put, golden_check, difference):
    put("shipped")
    golden_check(difference)
    with pytest.raises(ModelError, match="something else") as caught:
        registry.verify_model("tiny-ct")

    assert caught.value.id == "golden-mismatch"


def test_verify_says_when_the_network_is_not_here(put, monkeypatch):
    put("shipped")
    monkeypatch.setitem(verification.GOLDEN_CHECKS, "unet3d", ("NoSuchLib.networks", "verify_golden"))
    result = registry.verify_model("tiny-ct")

    assert result.golden_difference is None
    assert "not computed" in result.sentence


def test_verify_says_when_there_is_no_golden_output(bundle_folder):
    card = json.loads((bundle_folder / "model.json").read_text())
    del card["golden"]
    (bundle_folder / "model.json").write_text(json.dumps(card))
    (bundle_folder / "golden.npz").unlink()

    assert "no golden output" in registry.verify_model(bundle_folder).sentence


def test_every_architecture_has_a_check():
    from LiverCoreLib.card import ARCHITECTURES

    assert set(verification.GOLDEN_CHECKS) == set(ARCHITECTURES)


def test_real_folders(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("XDG_DATA_HOME", "/data/home")

    assert registry.user_folder().parts[-2:] == ("LiverCNN", "Models")
    assert any(folder.parts[-2:] == ("Resources", "Models") for folder in registry.shipped_folders())
    assert np.all([folder.is_dir() for folder in registry.shipped_folders()])
