"""Copies of scans simulated in other protocols: what is drawn, what it looks like, and that none leaks."""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
import pytest
import torch
from tiny_scans import tiny_case, write_case

from livercnn_training import command_pack
from livercnn_training.config import config_from_dict
from livercnn_training.data.cases import DataError, folder_cases
from livercnn_training.data.pack import level_values, open_pack, without_held_out
from livercnn_training.data.packing import pack_case
from livercnn_training.data.protocol_copies import DOSE, DrawnCopy, drawn_copy, pack_copy
from livercnn_training.trainers import make_trainer


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def pack(*words: str) -> None:
    parser = argparse.ArgumentParser()
    command_pack.add_arguments(parser)
    command_pack.run(parser.parse_args([*words, "--jobs", "1"]), None)


def liver_hu(case) -> float:
    return float(level_values()[case.levels][case.liver].mean())


def test_what_is_drawn_follows_from_seed_and_name_alone():
    first = drawn_copy("set/one", 1)
    assert first == drawn_copy("set/one", 1)
    assert first.name == f"set/one/{first.protocol}"
    assert first != drawn_copy("set/one", 2)
    assert first.seed != drawn_copy("set/two", 1).seed


def test_the_protocols_that_look_least_like_a_ct_are_drawn_most():
    drawn = [drawn_copy(f"set/{number}", 1) for number in range(400)]
    counts = Counter(copy.protocol for copy in drawn)
    assert set(counts) == {"FBP", "IR", "OPT", "M40", "M60"}
    assert counts["M40"] > 100 and counts["M60"] > 70 and min(counts.values()) > 20
    assert all(DOSE[0] <= copy.dose <= DOSE[1] for copy in drawn)
    assert {copy.ir_strength for copy in drawn} == {1, 2, 3, 4, 5}


def test_a_copy_is_the_scan_in_another_protocol(tmp_path):
    write_case(tmp_path / "set" / "one")
    (case,) = folder_cases(tmp_path / "set")
    own = pack_case(case)
    at_40, mixed = (pack_copy(case, DrawnCopy(f"set/one/{name}", name, 1.0, 3, 7)) for name in ("M40", "FBP"))
    assert at_40.name == "set/one/M40" and at_40.scan == own.scan == "set/one"
    assert at_40.spacing_mm == own.spacing_mm  # coarser than what copies are brought to
    assert np.array_equal(at_40.liver, own.liver)
    assert liver_hu(mixed) == pytest.approx(liver_hu(own), abs=15)
    assert liver_hu(at_40) > liver_hu(own) + 60


def test_a_copy_of_a_fine_scan_is_coarser_and_its_liver_as_large(tmp_path):
    write_case(tmp_path / "set" / "one", spacing_mm=(1.5, 1.5, 2.5))
    (case,) = folder_cases(tmp_path / "set")
    own, copy = pack_case(case), pack_copy(case, DrawnCopy("set/one/FBP", "FBP", 1.0, 3, 7))
    assert copy.spacing_mm == (4.0, 2.5, 2.5)
    volumes = [one.liver.sum() * np.prod(one.spacing_mm) for one in (own, copy)]
    assert volumes[1] == pytest.approx(volumes[0], rel=0.03)


def test_the_copy_of_a_scan_that_is_held_out_is_held_out():
    names = ("set/one", "set/one/M40", "set/two", "set/two/FBP")
    cases = [tiny_case(name, number) for number, name in enumerate(names)]
    trained, held_out = without_held_out(cases, ["set/two"])
    assert [case.name for case in trained] == ["set/one", "set/one/M40"]
    assert [case.name for case in held_out] == ["set/two", "set/two/FBP"]


def trainer_of(name: str, network: str, names: tuple[str, ...], **windows):
    values = {"name": "tiny", "network": network, "trainer": name, "steps": 1, "batch_size": 1}
    values |= {"windows": {"size_voxels": [16, 16, 16], **windows}, "validation": {"cases": ["set/two"]}}
    cases = [tiny_case(name, number) for number, name in enumerate(names)]
    return make_trainer(config_from_dict(values), cases, torch.device("cpu"))


ALL = ("set/one", "set/one/IR", "set/two", "set/two/M60")


def test_no_trainer_draws_a_held_out_copy():
    windows = trainer_of("windows", "unet3d", ALL)
    assert [scan.name for scan in windows.scans] == ["set/one"]
    assert [scan.name for scan in windows.copies] == ["set/one/IR"]
    segments = trainer_of("segments", "deepmedic3", ALL)
    assert [scan.name for scan in segments.scans] == ["set/one", "set/one/IR"]


def test_the_recipe_says_how_many_windows_are_of_copies():
    always, never, alone = (
        trainer_of("windows", "unet3d", names, copy_fraction=fraction).batch(0, 0)[0]
        for names, fraction in ((ALL, 1.0), (ALL, 0.0), (("set/one",), 1.0))
    )
    assert not torch.equal(always, never)
    assert alone.shape == never.shape  # a pack without copies is drawn from as ever


def test_the_command_packs_scans_and_copies(tmp_path, capsys):
    for name in ("one", "two", "six"):
        write_case(tmp_path / "set" / name)
    out = tmp_path / "pack.npz"
    pack(str(out), "--folder", str(tmp_path / "set"), "--protocols", "1", "--copies", "2")
    cases, about = open_pack(out)
    scans = ["set/one", "set/six", "set/two"]
    copies = [drawn_copy(name, 1) for name in scans[:2]]
    assert [case.name for case in cases] == scans + [copy.name for copy in copies]
    assert about["cases"] == scans
    assert [DrawnCopy(**one) for one in about["copies"]] == copies
    assert "3 cases and 2 simulated copies" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--copies", "1"], "--copies needs --protocols"),
        (["--protocols", "1", "--copies", "2"], "of 2 scans were asked for and there are 1"),
        (["--protocols", "1", "--copies", "0"], "of 0 scans were asked for"),
    ],
)
def test_copies_that_cannot_be_made_are_a_plain_error(tmp_path, words, told):
    write_case(tmp_path / "set" / "one")
    with pytest.raises(DataError, match=told):
        pack(str(tmp_path / "pack.npz"), "--folder", str(tmp_path / "set"), *words)
    assert not (tmp_path / "pack.npz").exists()
