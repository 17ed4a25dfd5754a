"""Independent pieces of one computation on a CPU's cores, a piece a core.

One piece on all cores at once would have them wait for each other after every layer; a piece each, they wait
only for the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

Piece = TypeVar("Piece")


def run_side_by_side(
    work: Callable[[Piece], None], pieces: Sequence[Piece], device: torch.device
) -> Iterator[Piece]:
    """Call `work` for every piece and yield each when it is done, in any order.

    On a CPU as many run at a time as torch may use threads, each on one; on a GPU one after the other.
    Gradients are not recorded. If the caller stops asking, or a piece fails, those not begun are left out.
    """
    import torch

    workers = min(torch.get_num_threads(), len(pieces)) if device.type == "cpu" else 1
    if workers <= 1:
        for piece in pieces:
            _without_gradients(work, piece)
            yield piece
        return
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    try:
        running = {pool.submit(_without_gradients, work, piece): piece for piece in pieces}
        for done in as_completed(running):
            done.result()
            yield running.pop(done)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)


def _without_gradients(work: Callable[[Piece], None], piece: Piece) -> None:
    import torch

    with torch.inference_mode():  # holds for one thread only
        work(piece)
