"""Pictures of a module as its users see it: the panel, and the views beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

VIEW_WIDTH = 400
LEAST_HEIGHT, MOST_HEIGHT = 560, 1040


class Album:
    """Pictures in a folder.

    Attributes:
        pictures: Their paths, in the order in which they were taken.
    """

    def __init__(self, folder: Path, panel_width: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.pictures: list[Path] = []
        self._folder, self._panel_width = folder, panel_width

    def take(self, name: str, panel: Any, views: Sequence[Sequence[Any]], columns: int = 2) -> None:
        """The panel as high as it needs, and rows of views as high as the panel and so many columns wide.

        Raises:
            ValueError: If the panel is higher than a page shows; close some of its sections.
        """
        from PIL import Image
        from slicerhost.screenshot import save_panel

        path = self._folder / f"{name}.png"
        save_panel(panel, path, self._panel_width)
        with Image.open(path) as picture:
            of_panel = picture.convert("RGB")
        if of_panel.height > MOST_HEIGHT:
            raise ValueError(f"{name}: the panel is {of_panel.height} pixels high")
        height = max(LEAST_HEIGHT, of_panel.height)
        whole = Image.new("RGB", (of_panel.width + columns * VIEW_WIDTH, height), of_panel.getpixel((1, 1)))
        whole.paste(of_panel, (0, 0))
        for row, line in enumerate(views):
            top, bottom = row * height // len(views), (row + 1) * height // len(views)
            for column, view in enumerate(line):
                view.resize(columns * VIEW_WIDTH // len(line), bottom - top)
                left = of_panel.width + column * columns * VIEW_WIDTH // len(line)
                whole.paste(Image.fromarray(view.pixels()), (left, top))
        # A palette makes a third of the size; of the ways to choose it, this one keeps colours apart best.
        whole.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE).save(path)
        self.pictures.append(path)
