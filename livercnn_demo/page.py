"""The report as one HTML file without references to anything outside it."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from .protocols_table import protocols_section
from .subject import MAIN_PROTOCOL

if TYPE_CHECKING:
    from LiverCoreLib.card import Card
    from LiverMetricsLib import Comparison

    from .result import DemoResult

NOTICE = (
    "For research use only. Not a medical device: do not use it for diagnosis or treatment. "
    "Check every mask by eye before using it."
)
PICTURES_OF_PROTOCOLS = {"protocols": "six reconstructions", "standardized": "standardized images"}
JPEG_QUALITY = 82
SHORTEST_SHOWN_S = 0.005

STYLE = """
:root { color-scheme: light; --ink: #1c1e21; --faint: #63676d; --line: #dcdfe3; --accent: #b85c00; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 40px; }
h1 { font-size: 1.5rem; margin: 0 0 2px; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
table + h2 { margin-top: 16px; }
.sub { color: var(--faint); margin: 0 0 16px; }
.notice { border-left: 4px solid var(--accent); background: #fff4e6; padding: 8px 14px; margin: 0 0 16px; }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 0 0 16px; }
.figure, section { background: #fff; border: 1px solid var(--line); border-radius: 8px; }
.figure { padding: 10px 18px; min-width: 150px; }
.figure b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.figure span { color: var(--faint); font-size: .85rem; }
section { padding: 16px 18px; margin: 0 0 16px; }
.warnings { border-color: #d9822b; }
.warnings li { margin: 2px 0; }
img { display: block; width: 100%; height: auto; border-radius: 8px; margin: 0 0 16px; }
.columns { columns: 2 440px; column-gap: 16px; }
.columns section { break-inside: avoid; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 4px 10px 4px 0; border-top: 1px solid var(--line);
  font-weight: normal; }
td { overflow-wrap: anywhere; }
tr:first-child td, tr:first-child th { border-top: 0; }
th { color: var(--faint); width: 36%; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-right: 0; }
.wide { overflow-x: auto; margin: 0 0 10px; }
.grid { white-space: nowrap; }
.grid td, .grid th { padding-right: 18px; }
.grid th { width: auto; }
.grid .number, .grid th:nth-child(n+3) { text-align: right; }
.note { margin: 0; color: var(--faint); font-size: .85rem; }
ul { margin: 0 0 10px; padding-left: 20px; }
p { margin: 0 0 10px; }
.share { width: 45%; vertical-align: middle; }
.bar { background: #5b8bd0; height: 8px; border-radius: 4px; min-width: 1px; }
"""


def render_page(result: DemoResult, card: Card, pictures: Sequence[Path]) -> str:
    """The page: key figures, warnings, pictures, agreement, times, the model's card, provenance."""
    size = " x ".join(str(count) for count in result.subject.facts["size"])
    spacing = " x ".join(f"{step:.2f}" for step in result.subject.facts["spacing_mm"])
    parts = [
        f"<h1>Liver segmentation: {_escape(result.subject.name)}</h1>",
        f'<p class="sub">{size} voxels of {spacing} mm</p>',
        f'<p class="notice">{NOTICE}</p>',
        _key_figures(result),
        _warnings(result.warnings),
        protocols_section(result.protocols, result.standardized),
        *(_picture(path) for path in pictures),
        '<div class="columns">',
        _agreement(result.agreement),
        _components(result),
        _times(result),
        _model(card),
        _use(card),
        _provenance(result),
        "</div>",
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Liver {result.segmentation.volume_ml:.0f} mL: {_escape(result.subject.name)}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _key_figures(result: DemoResult) -> str:
    where = f" in {MAIN_PROTOCOL}" if result.protocols else ""
    figures = [(f"{result.segmentation.volume_ml:.0f} mL", f"liver volume{where}")]
    if result.agreement is not None:
        figures.append((f"{result.agreement.dice:.3f}", "Dice with the exact label"))
        figures.append((f"{result.agreement.hd95_mm:.1f} mm", "HD95"))
    figures.append((f"{result.segmentation.timings_s['total']:.1f} s", "to segment"))
    boxes = "".join(f'<div class="figure"><b>{value}</b><span>{name}</span></div>' for value, name in figures)
    return f'<div class="figures">{boxes}</div>'


def _warnings(warnings: Sequence[str]) -> str:
    if not warnings:
        return ""
    return f'<section class="warnings"><h2>Warnings</h2>{_list(warnings)}</section>'


def _picture(path: Path) -> str:
    """The picture as JPEG in the page: a quarter of the PNG's size."""
    packed = io.BytesIO()
    with Image.open(path) as picture:
        picture.convert("RGB").save(packed, "JPEG", quality=JPEG_QUALITY)
    data = base64.b64encode(packed.getvalue()).decode("ascii")
    name = PICTURES_OF_PROTOCOLS.get(path.stem) or f"{path.stem.replace('-', ' and ')} slices"
    return f'<img alt="{name} with the outline of the liver" src="data:image/jpeg;base64,{data}">'


def _agreement(agreement: Comparison | None) -> str:
    if agreement is None:
        return ""
    rows = [
        ("Dice", f"{agreement.dice:.4f}"),
        ("Mean surface distance", f"{agreement.msd_mm:.2f} mm"),
        ("HD95", f"{agreement.hd95_mm:.2f} mm"),
        ("Hausdorff distance", f"{agreement.hd_mm:.2f} mm"),
        ("Volume, exact label", f"{agreement.volume_reference_ml:.0f} mL"),
        (
            "Volume difference",
            f"{agreement.volume_difference_ml:+.0f} mL ({agreement.volume_difference_percent:+.1f} %)",
        ),
    ]
    return _section(f"Agreement of {MAIN_PROTOCOL} with the phantom's exact label", _table(rows))


def _components(result: DemoResult) -> str:
    report = result.segmentation.components
    if report is None:
        return ""
    rows = [("Kept", f"{report.kept_ml:.0f} mL"), ("Removed", f"{report.removed_ml:.1f} mL")]
    rows += [
        (f"Part {number}", f"{part.volume_ml:.1f} mL, {'attached' if part.attached else 'apart'}")
        for number, part in enumerate(report.removed[:5], start=1)
    ]
    return _section("Post-processing: connected parts", _table(rows))


def _times(result: DemoResult) -> str:
    """Stages of the segmentation, then what the demonstration does around it."""
    inside = {"model": result.timings_s["model"], **result.segmentation.timings_s}
    around = {
        name: seconds for name, seconds in result.timings_s.items() if name not in ("segmentation", "model")
    }
    longest = max([seconds for name, seconds in inside.items() if name != "total"] + [1e-9])
    return _section(
        "Time by stage",
        _time_table(inside, longest)
        + "<h2>Around it</h2>"
        + _time_table(around, max([*around.values(), 1e-9])),
    )


def _time_table(seconds_of: dict[str, float], longest: float) -> str:
    rows = "".join(
        f'<tr><th>{_escape(name)}</th><td class="share">{_bar(name, seconds / longest)}</td>'
        f'<td class="number">{seconds:.2f} s</td></tr>'
        for name, seconds in seconds_of.items()
        if seconds >= SHORTEST_SHOWN_S
    )
    return f"<table>{rows}</table>"


def _bar(name: str, share: float) -> str:
    return "" if name == "total" else f'<div class="bar" style="width:{100 * share:.1f}%"></div>'


def _model(card: Card) -> str:
    trained = [f"{data['name']} ({data['cases']} cases; {data['licence']})" for data in card.training["data"]]
    rows = [
        ("Model", f"{card.name} ({card.id} {card.version})"),
        ("Network", card.architecture.name),
        ("Voxels", " x ".join(f"{step:g}" for step in card.input.spacing_mm) + " mm"),
        ("Trained on", "; ".join(trained)),
        *(_evaluation(entry) for entry in card.evaluation),
        ("Licence of the weights", card.weights_licence),
    ]
    return _section("Model card", _table(rows))


def _evaluation(entry: Any) -> tuple[str, str]:
    figures = []
    for name, values in entry["metrics"].items():
        lowest = f", lowest {values['min']:.3g}" if values.get("min") is not None else ""
        figures.append(f"{name} {values['mean']:.3g}{lowest}")
    return f"Measured on {entry['data_set']}", f"{'; '.join(figures)} (n = {entry['n']}, {entry['kind']})"


def _use(card: Card) -> str:
    parts = [f"<p>{_escape(card.intended_use)}</p>"]
    for title, texts in (("Not for", card.out_of_scope_use), ("Known to fail on", card.failure_modes)):
        if texts:
            parts.append(f"<h2>{title}</h2>{_list(texts)}")
    return _section("Intended use", "".join(parts))


def _provenance(result: DemoResult) -> str:
    origin = result.segmentation.provenance
    rows = [
        ("Device", origin["device"]["sentence"]),
        ("Model SHA-256", origin["model"]["sha256"]),
        ("Input", _input(result.subject.facts)),
        ("Parameters", ", ".join(f"{name} {_plain(value)}" for name, value in origin["parameters"].items())),
        ("Versions", ", ".join(f"{name} {version}" for name, version in origin["versions"].items())),
    ]
    return _section("Provenance", _table(rows))


def _input(facts: dict[str, Any]) -> str:
    if facts["kind"] == "phantom":
        person = facts["person"]
        who = f"{person['sex']}, {person['age_years']:g} years, {person['weight_kg']:g} kg"
        return f"synthetic abdomen, seed {facts['seed']} ({who}), {facts['protocol']}"
    return f"{facts['format']}, SHA-256 {facts['sha256']}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _section(title: str, content: str) -> str:
    return f"<section><h2>{_escape(title)}</h2>{content}</section>"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><th>{_escape(name)}</th><td>{_escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{''.join(cells)}</table>"


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_escape(text)}</li>' for text in texts)}</ul>"


def _escape(text: str) -> str:
    return html.escape(str(text))
