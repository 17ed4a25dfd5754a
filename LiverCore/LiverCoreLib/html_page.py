"""A report as one HTML page that needs nothing but itself, written with nothing but Python.

Lines of HTML go in where a parameter says so; every other text is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

NOTICE = "For research use only. Not a medical device."


def page_style() -> str:
    """The style sheet of all our pages."""
    return Path(__file__).with_name("Resources").joinpath("report.css").read_text(encoding="utf-8")


def html_page(title: str, subtitle: str, sections: Iterable[str]) -> str:
    """The whole page; `sections` are lines of HTML."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{page_style()}</style>\n</head>\n<body>\n<main>\n<header>",
            f"<h1>{escape(title)}</h1>",
            f'<p class="sub">{escape(subtitle)}</p>',
            f'<p class="notice">{NOTICE}</p>\n</header>',
            *sections,
            "</main>\n</body>\n</html>\n",
        ]
    )


def section(title: str, content: Sequence[str], kind: str = "") -> list[str]:
    """A section of lines of HTML; none where there is nothing in it."""
    if not content:
        return []
    opening = f'<section class="{kind}">' if kind else "<section>"
    return [opening, f"<h2>{escape(title)}</h2>", *content, "</section>"]


def text_list(texts: Sequence[str], kind: str = "") -> list[str]:
    """A list of sentences; none where there are none."""
    if not texts:
        return []
    opening = f'<ul class="{kind}">' if kind else "<ul>"
    return [opening, *(f"<li>{escape(text)}</li>" for text in texts), "</ul>"]


def named_values(entries: Iterable[tuple[str, str]]) -> list[str]:
    """Names and their values."""
    shown = (f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in entries)
    return ["<dl>", *shown, "</dl>"]
