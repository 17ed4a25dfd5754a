"""Independent pieces of a computation, one on each core."""

from __future__ import annotations

import threading
import time

import pytest

torch = pytest.importorskip("torch")

from LiverCoreLib.devices import limit_threads  # noqa: E402
from LiverCoreLib.side_by_side import run_side_by_side  # noqa: E402

CPU = torch.device("cpu")


@pytest.mark.parametrize("threads", [1, 2, 3])
class TestSideBySide:
    def test_every_piece_is_worked_on_once_and_named_when_done(self, threads):
        result = torch.zeros(7)

        def work(piece):
            result[piece] += piece

        with limit_threads(threads):
            assert sorted(run_side_by_side(work, range(7), CPU)) == list(range(7))
            assert torch.get_num_threads() == threads
        assert torch.equal(result, torch.arange(7.0))

    def test_a_piece_uses_one_thread_where_there_are_several_and_no_gradients(self, threads):
        seen = []

        def work(piece):
            seen.append((torch.get_num_threads(), torch.is_inference_mode_enabled()))

        with limit_threads(threads):
            list(run_side_by_side(work, range(4), CPU))
        assert seen == [(1, True)] * 4

    def test_a_failure_comes_out_and_leaves_the_rest(self, threads):
        done = []

        def work(piece):
            if piece == 1:
                raise RuntimeError("broken")
            time.sleep(0.02)
            done.append(piece)

        with limit_threads(threads), pytest.raises(RuntimeError, match="broken"):
            list(run_side_by_side(work, range(50), CPU))
        assert len(done) < 49
        assert not [one for one in threading.enumerate() if one.name.startswith("ThreadPool")]

    def test_who_stops_asking_waits_for_nothing_but_what_runs(self, threads):
        done = []

        def work(piece):
            time.sleep(0.02)
            done.append(piece)

        with limit_threads(threads):
            for _ in run_side_by_side(work, range(1000), CPU):
                break
            assert torch.get_num_threads() == threads
        assert len(done) < 1000

    def test_no_pieces(self, threads):
        with limit_threads(threads):
            assert list(run_side_by_side(print, [], CPU)) == []
