"""The script that draws the figures of docs/physics.md."""

from __future__ import annotations

from pathlib import Path

import pytest
import SimpleITK as sitk
import torch

pytest.importorskip("matplotlib")

import make_physics_figures

DOCS = Path(__file__).resolve().parents[1] / "docs"

torch.set_num_threads(1)


def test_a_figure_is_drawn_and_its_numbers_are_told(tmp_path, capsys) -> None:
    make_physics_figures.main(["iodine"], tmp_path, make_physics_figures.Size(64, (32, 32, 16)))
    assert sitk.ReadImage(str(tmp_path / "physics-iodine.png")).GetWidth() > 600
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("from NIST")]
    assert "40 keV 82.40" in line


def test_people_are_drawn(tmp_path, capsys) -> None:
    make_physics_figures.main(["people"], tmp_path, make_physics_figures.Size(64, (32, 32, 16)))
    assert sitk.ReadImage(str(tmp_path / "physics-people.png")).GetWidth() > 1000
    assert capsys.readouterr().out.count("age_years") == 3


def test_an_unknown_figure_is_refused(tmp_path, capsys) -> None:
    with pytest.raises(SystemExit):
        make_physics_figures.main(["nonsense"], tmp_path)
    assert "people" in capsys.readouterr().err


@pytest.mark.parametrize("name", make_physics_figures.FIGURES)
def test_the_note_shows_every_figure_with_its_command(name) -> None:
    text = (DOCS / "physics.md").read_text(encoding="utf-8")
    assert f"images/physics-{name}.png" in text
    assert f"make_physics_figures.py {name}" in text
