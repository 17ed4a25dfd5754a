"""`livercnn models ...`: what it prints, as text and as JSON."""

from __future__ import annotations

import argparse
import json

import pytest

from LiverCoreLib import command_models, registry
from LiverCoreLib.model_error import ModelError


@pytest.fixture(autouse=True)
def shipped(bundle_folder, tmp_path, monkeypatch):
    """The valid bundle is the only shipped model, and the default."""
    monkeypatch.delenv("LIVERCNN_MODELS", raising=False)
    monkeypatch.setattr(registry, "user_folder", lambda: tmp_path / "user")
    monkeypatch.setattr(registry, "shipped_folders", lambda: [bundle_folder.parent])
    (bundle_folder.parent / "defaults.json").write_text('{"segment": {"CT": "tiny-ct"}}')
    return bundle_folder


@pytest.fixture
def models(capsys):
    """Run `livercnn models` with arguments; returns what it printed."""

    def run(*arguments: str) -> str:
        parser = argparse.ArgumentParser()
        command_models.add_arguments(parser)
        assert command_models.run(parser.parse_args(arguments), None) == 0
        return capsys.readouterr().out

    return run


def test_list(models, shipped):
    assert models("list") == f"tiny-ct 1.0.0 (default): A tiny model for tests; segment, CT ({shipped})\n"
    (row,) = json.loads(models("list", "--json"))
    assert (row["id"], row["default"], row["problem"]) == ("tiny-ct", True, None)


def test_list_names_what_is_broken(models, shipped):
    (shipped / "model.json").write_text("{")

    assert "tiny-ct: cannot be used." in models("list")
    assert "not JSON" in json.loads(models("list", "--json"))[0]["problem"]


def test_list_of_nothing_says_where_it_looked(models, monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "shipped_folders", list)

    assert str(tmp_path / "user") in models("list")


def test_show(models):
    text = models("show", "tiny-ct")

    assert "model:          tiny-ct 1.0.0: A tiny model for tests" in text
    assert "input:          2 x 2 x 2 mm, window -150 to 250 HU" in text
    assert "may fail:       Everything." in text
    assert "none (phantom, n = 1): dice mean 0.9, min 0.9, max 0.9" in text
    card = json.loads(models("show", "tiny-ct", "--json"))
    assert card["id"] == "tiny-ct" and len(card["bundle_sha256"]) == 64


def test_install_export_round_trip(models, tmp_path):
    assert "Wrote" in models("export", "tiny-ct", str(tmp_path / "carried.zip"))
    assert models("install", str(tmp_path / "carried.zip")) == (
        f"Installed 'tiny-ct' 1.0.0 in {tmp_path / 'user' / 'tiny-ct'}.\n"
    )


def test_install_says_when_another_one_stays_in_use(models, shipped, monkeypatch):
    monkeypatch.setenv("LIVERCNN_MODELS", str(shipped.parent))

    assert "stays the one that is used" in models("install", str(shipped))


def test_verify(models, monkeypatch):
    from LiverCoreLib import verification

    monkeypatch.setitem(verification.GOLDEN_CHECKS, "unet3d", ("NoSuchLib.networks", "verify_golden"))

    assert models("verify").startswith("'tiny-ct' 1.0.0 is whole;")
    assert json.loads(models("verify", "tiny-ct", "--json"))[0]["golden_difference"] is None


@pytest.mark.parametrize("arguments", [["verify"], ["verify", "tiny-ct"]])
def test_verify_of_a_damaged_model_is_an_error(models, spoil, arguments):
    spoil("weights.safetensors", b"\0" * 3)
    with pytest.raises(ModelError, match="cut short") as caught:
        models(*arguments)

    assert caught.value.id == "truncated-weights"


# --- through the command line ----------------------------------------------------------------------------


def hostile_bundles(folder, spoil, tmp_path):
    """Files that must be refused, by the id of the refusal; each made when asked for."""
    import io
    import pickle
    import zipfile

    weights = (folder / "weights.safetensors").read_bytes()

    def escaping_zip():
        path = tmp_path / "escaping.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../../escaped.json", "{}")
        return path

    def torch_file():
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("archive/data.pkl", pickle.dumps({}))
        (tmp_path / "model.pth").write_bytes(stream.getvalue())
        return tmp_path / "model.pth"

    return {
        "wrong-checksum": lambda: spoil("weights.safetensors", weights[:-1] + b"\x7f"),
        "truncated-weights": lambda: spoil("weights.safetensors", weights[:-5]),
        "pickled-weights": lambda: spoil("weights.safetensors", pickle.dumps([1.0] * 50), reseal=True),
        "unsafe-zip": escaping_zip,
        "model-not-found": lambda: tmp_path / "nowhere.zip",
        "not-a-bundle": lambda: folder / "model.json",
        "torch file": torch_file,
    }


@pytest.mark.parametrize(
    "case",
    [
        "wrong-checksum",
        "truncated-weights",
        "pickled-weights",
        "unsafe-zip",
        "model-not-found",
        "not-a-bundle",
        "torch file",
    ],
)
@pytest.mark.parametrize("action", ["install", "verify", "show"])
def test_hostile_bundles_end_with_one_line_and_code_2(shipped, spoil, tmp_path, capsys, case, action):
    import livercnn

    source = hostile_bundles(shipped, spoil, tmp_path)[case]()
    code = livercnn.main(["models", action, str(source)])
    printed = capsys.readouterr()

    expected_id = "pickled-weights" if case == "torch file" else case
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("livercnn: error: ") and printed.err.endswith(f" [{expected_id}]\n")
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "user").exists()
    assert not list(tmp_path.parent.rglob("escaped.json"))
