"""Dense whole-volume inference of deepmedic3, equal to tiling by 15^3 segments up to rounding.

The volume is padded to whole blocks of 15 voxels and pooled once. P2 and P3 run on the whole volume; P1
runs in tiles, one on each core, and its features join the repeated coarse context there, layer of cells by
layer of cells, so that no concatenation at full resolution is ever made and the joined features stay in the
processor's cache.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

import torch
import torch.nn.functional as F

from LiverCoreLib.side_by_side import run_side_by_side
from LiverSegmentCNNLib.networks.deepmedic3 import CONTEXT, SCALES, repeat_voxels
from LiverSegmentCNNLib.networks.layers import channels_last

CELL = SCALES[1]  # P1's tiles lie on the lattice of P2's voxels
BLOCK = SCALES[2]
LARGEST_TILE = 50  # voxels; with its margin 44 MB an activation at 32 channels, and each core holds two
_FAST_TILE = 30
_FAST_UNDECIDED = (0.02, 0.98)  # coarse probability between which P1 decides
_FAST_MARGIN_CELLS = 2
_EXCLUDED_BELOW = 0.005  # coarse probability below which, all around, there is no liver
_EXCLUDED_MARGIN_CELLS = 3  # 15 voxels, 21 mm

Tile = tuple[slice, slice, slice]  # in cells
Progress = Optional[Callable[[float, str], Any]]


@torch.inference_mode()
def dense_probability(
    network: Any,
    volume: torch.Tensor,
    *,
    pad_value: float,
    region: torch.Tensor | None,
    fast: bool,
    everywhere: bool,
    progress: Progress,
) -> torch.Tensor:
    """Return the probability of liver (Z, Y, X); see DeepMedic3.probability."""
    channels_last(network)
    report = progress or (lambda fraction, message: None)
    report(0.0, "Running the coarse pathways")
    padded = _pad_to_blocks(volume, pad_value)
    context = _coarse_context(network, padded, pad_value)
    report(0.15, "Running the fine pathway")
    cells = tuple(n // CELL for n in padded.shape)
    wanted = _cells_of(region, padded.shape) if region is not None else torch.ones(cells, dtype=torch.bool)
    coarse = torch.sigmoid(network.coarse_logits(context))[0, 0]
    if fast:
        result = _repeat_cells(torch.where(wanted.to(coarse.device), coarse, torch.zeros_like(coarse)))
        tiles = _tiles_around(_undecided(coarse) & wanted.to(coarse.device))
    else:
        result = torch.zeros_like(padded)
        tiles = _tiles_covering(wanted if everywhere else wanted & _plausible(coarse).cpu())
    x1 = F.pad(padded, (CONTEXT,) * 6, value=pad_value)
    del padded

    def fill(tile: Tile) -> None:
        fine = tuple(slice(part.start * CELL, part.stop * CELL) for part in tile)
        result[fine] = _tile_probability(network, x1, context, tile)

    done, work = 0, sum(_cells_in(tile) for tile in tiles)
    # The largest first, so that no core waits long for the last one.
    for tile in run_side_by_side(fill, sorted(tiles, key=_cells_in, reverse=True), x1.device):
        done += _cells_in(tile)
        report(0.15 + 0.85 * done / work, "Running the fine pathway")
    report(1.0, "Running the fine pathway")
    return result[tuple(slice(0, n) for n in volume.shape)]


def _pad_to_blocks(volume: torch.Tensor, pad_value: float) -> torch.Tensor:
    padding = [p for n in reversed(volume.shape) for p in (0, -n % BLOCK)]
    return F.pad(volume, padding, value=pad_value) if any(padding) else volume


def _coarse_context(network: Any, padded: torch.Tensor, pad_value: float) -> torch.Tensor:
    """Return W2 P2 + up3(W3 P3) + bias of the whole volume at 1/5 resolution, (1, C, Z/5, Y/5, X/5)."""
    inputs = []
    for scale in SCALES[1:]:
        pooled = F.avg_pool3d(padded[None, None], scale)
        pooled = F.pad(pooled, (CONTEXT,) * 6, value=pad_value)
        inputs.append(pooled.contiguous(memory_format=torch.channels_last_3d))
    context: torch.Tensor = network.coarse_context(inputs[0], inputs[1])
    return context


def _tile_probability(network: Any, x1: torch.Tensor, context: torch.Tensor, tile: Tile) -> torch.Tensor:
    """Return the probability of one tile (in voxels); ``x1`` is the volume padded by P1's context."""
    window = tuple(slice(part.start * CELL, part.stop * CELL + 2 * CONTEXT) for part in tile)
    first, *others = network.p1
    fine = _first_layer(first, x1[window])
    for layer in others:
        fine = layer(fine)
    return torch.sigmoid_(_joined_logits(network, fine[0], context[(0, slice(None)) + tile]))


def _first_layer(layer: Any, cube: torch.Tensor) -> torch.Tensor:
    """Return P1's first convolution of a cube (Z, Y, X), as (1, C, Z - 2, Y - 2, X - 2).

    Processors compute a convolution of a single channel at a tenth of their speed. Shifted copies along z and
    y make nine channels of it, and the kernel 1 x 1 x 3: the same sums.
    """
    z, y, x = (n - 2 for n in cube.shape)
    taps = cube.new_empty((1, z, y, x + 2, 9))
    for i in range(3):
        for j in range(3):
            taps[0, ..., 3 * i + j] = cube[i : i + z, j : j + y]
    weight = layer.conv.weight.reshape(-1, 9, 1, 1, 3).contiguous(memory_format=torch.channels_last_3d)
    result = F.conv3d(taps.permute(0, 4, 1, 2, 3), weight, layer.conv.bias)
    return result if layer.norm is None else layer.norm(result)


def _joined_logits(network: Any, fine: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
    """Return the logits (Z, Y, X) from P1's features (C, Z, Y, X) and the context (J, Z/5, Y/5, X/5).

    The same as ``network.join`` on the repeated context, without its copies: the 1x1x1 layers are matrix
    products, and the context is added to whole cells at once.
    """
    weights = [
        m.weight.flatten(1).t().contiguous() for m in (network.join1, network.second, network.classifier)
    ]
    fine, context = fine.permute(1, 2, 3, 0), context.permute(1, 2, 3, 0).contiguous()
    depth, rows, columns = context.shape[:3]
    logits = fine.new_empty(fine.shape[:3])
    for z in range(depth):
        layer = slice(z * CELL, (z + 1) * CELL)
        features = fine[layer].reshape(-1, fine.shape[3]) @ weights[0]
        in_cells = features.view(CELL, rows, CELL, columns, CELL, -1)
        in_cells += context[z][None, :, None, :, None]
        second = torch.addmm(network.second.bias, features.relu_(), weights[1]).relu_()
        logits[layer] = torch.addmm(network.classifier.bias, second, weights[2]).view(logits[layer].shape)
    return logits


def _cells_of(region: torch.Tensor, padded_shape: tuple[int, ...]) -> torch.Tensor:
    """Return which cells of the padded volume hold any voxel of the region, on the CPU."""
    padding = [p for n, m in zip(reversed(region.shape), reversed(padded_shape)) for p in (0, m - n)]
    region = F.pad(region[None, None].float(), padding)
    return (F.max_pool3d(region, CELL)[0, 0] > 0).cpu()


def _repeat_cells(cells: torch.Tensor) -> torch.Tensor:
    return repeat_voxels(cells[None, None], CELL)[0, 0]


def _plausible(coarse: torch.Tensor) -> torch.Tensor:
    """Return the cells near which the coarse head does not all but exclude liver."""
    highest = F.max_pool3d(coarse[None, None], 2 * _EXCLUDED_MARGIN_CELLS + 1, 1, _EXCLUDED_MARGIN_CELLS)
    return highest[0, 0] >= _EXCLUDED_BELOW


def _undecided(coarse: torch.Tensor) -> torch.Tensor:
    """Return the cells that P1 must decide: the coarse head's doubts and a margin around its surface."""
    low, high = _FAST_UNDECIDED
    doubt = (coarse > low) & (coarse < high)
    inside = (coarse >= 0.5).float()[None, None]
    edge = F.max_pool3d(inside, 3, 1, 1) != -F.max_pool3d(-inside, 3, 1, 1)
    near = F.max_pool3d(
        (doubt | edge[0, 0]).float()[None, None], 2 * _FAST_MARGIN_CELLS - 1, 1, _FAST_MARGIN_CELLS - 1
    )
    return near[0, 0] > 0


def _tiles_covering(wanted: torch.Tensor) -> list[Tile]:
    """Return large tiles of equal size, each shrunk to the cells wanted in it."""
    spans = [_even_spans(n, LARGEST_TILE // CELL) for n in wanted.shape]
    tiles = []
    for z in spans[0]:
        for y in spans[1]:
            for x in spans[2]:
                found = torch.nonzero(wanted[z, y, x])
                if len(found):
                    low, high = found.amin(0).tolist(), (found.amax(0) + 1).tolist()
                    tiles.append(_shift((z, y, x), low, high))
    return tiles


def _tiles_around(wanted: torch.Tensor) -> list[Tile]:
    """Return small tiles that hold wanted cells, neighbours along x merged up to the largest tile."""
    edge = _FAST_TILE // CELL
    wanted = wanted.cpu()
    tiles: list[Tile] = []
    for z in _spans(wanted.shape[0], edge):
        for y in _spans(wanted.shape[1], edge):
            row = [x for x in _spans(wanted.shape[2], edge) if bool(wanted[z, y, x].any())]
            for x in row:
                last = tiles[-1] if tiles else None
                joins = last is not None and last[0] == z and last[1] == y and last[2].stop == x.start
                if last is not None and joins and x.stop - last[2].start <= LARGEST_TILE // CELL:
                    tiles[-1] = (z, y, slice(last[2].start, x.stop))
                else:
                    tiles.append((z, y, x))
    return tiles


def _even_spans(n: int, largest: int) -> list[slice]:
    return _spans(n, -(-n // -(-n // largest)))


def _spans(n: int, size: int) -> list[slice]:
    return [slice(start, min(n, start + size)) for start in range(0, n, size)]


def _shift(tile: Tile, low: list[int], high: list[int]) -> Tile:
    z, y, x = (slice(part.start + a, part.start + b) for part, a, b in zip(tile, low, high))
    return z, y, x


def _cells_in(tile: Tile) -> int:
    z, y, x = (part.stop - part.start for part in tile)
    return z * y * x
