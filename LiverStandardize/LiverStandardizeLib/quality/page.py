"""A standardization as one HTML page: what was done, what changed, a figure, warnings, provenance."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from html import escape
from pathlib import Path
from typing import Any

from LiverCoreLib.html_page import html_page, named_values, section, text_list

_NAMES = {
    "liver": "Liver (mask)",
    "fat": "Fat",
    "muscle": "Muscle and unenhanced soft tissue",
    "blood": "Blood with contrast agent",
}
_NOTES = (
    "HU: median of the means of squares of 8 mm that show one tissue; noise: median of their standard "
    "deviations. Tissues are told apart by HU in the target, or in the standardized image, except the liver.",
    "Mean frequency of noise: of the radial noise power spectrum of even soft tissue. Lower is coarser.",
    "Edges: the frequency at which the contrast of edges between fat and soft tissue has fallen to a half. "
    "Anatomical edges are not sharp: compare before and after, not with a scanner's data sheet.",
)


def quality_page(report: Mapping[str, Any], png: bytes) -> str:
    """The page as HTML.

    Args:
        report: As ``standardize_file`` gives it, with ``quality``.
        png: The figure.
    """
    target = report["target_protocol"]
    changed = [*_figure(png), *_tables(report["quality"]), *text_list(_NOTES, "notes")]
    date = datetime.now(timezone.utc).date().isoformat()
    name = Path(report["input"]["path"]).name
    return html_page(
        f"{name}, standardized to {target}",
        f"Written on {date} by LiverCNN.",
        [
            *section("Warnings", text_list(report["warnings"]), "warnings"),
            *section("What was done", named_values(_facts(report))),
            *section("What changed", changed),
            *section("Why this protocol", text_list(_evidence(report["detection"]))),
            *section("Provenance", named_values(_provenance(report))),
        ],
    )


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    detection, outside = report["detection"], report["outside_range"]
    done = "passed through unchanged" if report["passed_through"] else "standardized"
    return [
        ("Protocol before", f"{detection['name']} ({detection['confidence_meaning']})"),
        ("Protocol after", f"{report['target_protocol']}, {done}"),
        (
            "Tissue outside the model's HU",
            f"{outside['percent']:.1f} % (below {outside['below_percent']:.1f} %, "
            f"above {outside['above_percent']:.1f} %)",
        ),
        ("Time", f"{report['timings_s']['total']:.1f} s"),
    ]


def _figure(png: bytes) -> list[str]:
    content = base64.b64encode(png).decode("ascii")
    alt = "A section before and after standardization, what changed, HU of tissues, noise power and MTF"
    return [
        '<figure><div class="canvas">',
        f'<img alt="{alt}" style="display: block; width: 100%" src="data:image/png;base64,{content}">',
        "</div></figure>",
    ]


def _tables(quality: Mapping[str, Any]) -> list[str]:
    images = ("before", "after", "target") if quality["similarity_to_target"] else ("before", "after")
    rows = []
    for region in quality["regions"]:
        name = f"{_NAMES[region['name']]}, {region['volume_ml']:.0f} mL"
        rows.append((f"{name}: HU", [_number(region[f"hu_{image}"], 0) for image in images]))
        rows.append((f"{name}: noise, HU", [_number(region[f"noise_{image}"], 1) for image in images]))
    for title, key, digits in (
        ("Mean frequency of noise, 1/mm", "noise_mean_frequency_per_mm", 3),
        ("Edges: half contrast at, 1/mm", "edge_mtf50_per_mm", 3),
    ):
        rows.append((title, [_number(quality[key].get(image), digits) for image in images]))
    for title, key, digits in (("PSNR to the target, dB", "psnr_db", 1), ("SSIM to the target", "ssim", 3)):
        likeness = quality["similarity_to_target"]
        if likeness:
            rows.append((title, [_number(likeness.get(image, {}).get(key), digits) for image in images]))
    head = "".join(f'<th scope="col" class="number">{image.capitalize()}</th>' for image in images)
    body = [
        f'<tr><th scope="row">{escape(title)}</th>'
        + "".join(f'<td class="number">{cell}</td>' for cell in cells)
        + "</tr>"
        for title, cells in rows
    ]
    return [
        '<div class="scroll" role="region" tabindex="0"><table>',
        f'<thead><tr><th scope="col">Measure</th>{head}</tr></thead><tbody>',
        *body,
        "</tbody></table></div>",
    ]


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


def _evidence(detection: Mapping[str, Any]) -> list[str]:
    return [f"{one['source']} = '{one['value']}': {one['says']}" for one in detection["evidence"]]


def _provenance(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    provenance, given = report["provenance"], report["input"]
    model = provenance["model"]
    versions = ", ".join(f"{name} {text or 'checkout'}" for name, text in provenance["versions"].items())
    return [
        ("Model", f"{model['id']} {model['version']}, SHA-256 {model['sha256']}"),
        ("Input", f"{given['format']}, {' x '.join(map(str, given['size']))}, SHA-256 {given['sha256']}"),
        ("Processor", provenance["device"]["sentence"]),
        ("Versions", versions),
    ]
