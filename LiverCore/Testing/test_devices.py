"""The choice of a device, with stand-ins for torch: its real GPUs differ from machine to machine."""

from __future__ import annotations

import dataclasses
import json
import sys
import types

import pytest

from LiverCoreLib.devices import DeviceError, choose_device, limit_threads

GIB = 2**30


@pytest.fixture
def torch(monkeypatch):
    """A stand-in: no GPU at first; tests add some as (name, free GiB, whole GiB)."""
    stand_in = types.ModuleType("torch")
    stand_in.gpus = []
    stand_in.capabilities = {}
    stand_in.threads = 4
    stand_in.version = types.SimpleNamespace(cuda="12.8", hip=None)
    stand_in.get_num_threads = lambda: stand_in.threads
    stand_in.set_num_threads = lambda number: setattr(stand_in, "threads", number)
    stand_in.cuda = types.SimpleNamespace(
        is_available=lambda: bool(stand_in.gpus),
        device_count=lambda: len(stand_in.gpus),
        get_device_name=lambda index: stand_in.gpus[index][0],
        get_arch_list=lambda: ["sm_70", "sm_86", "sm_90", "compute_90"],
        get_device_capability=lambda index: stand_in.capabilities.get(index, (9, 0)),
        mem_get_info=lambda index: tuple(amount * GIB for amount in stand_in.gpus[index][1:]),
    )
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    return stand_in


def test_auto_without_a_gpu_says_why(torch):
    choice = choose_device()

    assert choice.device == "cpu" and choice.threads is None
    assert choice.sentence == "Using the CPU with 4 threads: PyTorch finds no usable GPU or driver."


def test_auto_with_a_cpu_build_says_so(torch):
    torch.version.cuda = None

    assert choose_device("auto", 1).sentence == (
        "Using the CPU with 1 thread: this PyTorch was built without GPU support."
    )


def test_auto_takes_the_gpu_with_the_most_free_memory(torch):
    torch.gpus = [("Small", 3, 8), ("Large", 70, 80), ("Busy", 1, 80)]
    choice = choose_device("auto", threads=2)

    assert (choice.device, choice.name, choice.memory_gib, choice.threads) == ("cuda:1", "Large", 80.0, 2)
    assert choice.sentence == (
        "Using the GPU Large (cuda:1, 70.0 of 80.0 GiB free): it has the most free memory."
    )


def test_what_is_asked_for_is_taken(torch):
    torch.gpus = [("Small", 3, 8), ("Large", 70, 80)]

    assert choose_device("cpu").sentence.endswith(": as asked.")
    assert choose_device("cuda").device == "cuda:1"
    assert choose_device("cuda:0").device == "cuda:0"


@pytest.mark.parametrize("request_", ["cuda", "cuda:0"])
def test_a_missing_gpu_is_an_error_that_says_what_to_do(torch, request_):
    with pytest.raises(DeviceError, match="use --device cpu or auto") as caught:
        choose_device(request_)

    assert caught.value.id == "no-such-device"


def test_a_number_too_large_names_those_that_exist(torch):
    torch.gpus = [("Small", 3, 8), ("Large", 70, 80)]
    with pytest.raises(DeviceError, match="this machine has cuda:0, cuda:1"):
        choose_device("cuda:2")


@pytest.mark.parametrize("capability", [(3, 7), (6, 1), (8, 0)])
def test_a_card_without_code_in_this_build_is_left_out(torch, capability):
    torch.gpus, torch.capabilities = [("Old", 20, 24), ("New", 3, 8)], {0: capability}
    assert choose_device().device == "cuda:1"
    with pytest.raises(DeviceError, match="this machine has cuda:1"):
        choose_device("cuda:0")

    torch.gpus.pop()
    assert choose_device().sentence == (
        "Using the CPU with 4 threads: this PyTorch has no code for the GPU Old."
    )


@pytest.mark.parametrize("capability", [(7, 0), (7, 5), (8, 6), (8, 9), (9, 0), (12, 0)])
def test_newer_cards_run_older_code_of_their_generation(torch, capability):
    torch.gpus, torch.capabilities = [("Card", 20, 24)], {0: capability}

    assert choose_device().device == "cuda:0"


def test_rocm_names_its_architectures_otherwise(torch):
    torch.version = types.SimpleNamespace(cuda=None, hip="6.0")
    torch.cuda.get_arch_list = lambda: ["gfx90a"]
    torch.gpus = [("Card", 20, 24)]

    assert choose_device().device == "cuda:0"


@pytest.mark.parametrize("request_", ["gpu", "cuda:", "cuda:-1", "CPU", "", "cpu\n", "mps"])
def test_other_words_are_refused(request_):
    with pytest.raises(DeviceError) as caught:
        choose_device(request_)

    assert caught.value.id == "bad-device"


@pytest.mark.parametrize("threads", [0, -1])
def test_threads_are_positive(threads):
    with pytest.raises(DeviceError) as caught:
        choose_device("cpu", threads)

    assert caught.value.id == "bad-threads"


def test_the_choice_is_frozen_and_json_ready(torch):
    choice = choose_device("cpu")
    json.dumps(choice.to_dict())

    with pytest.raises(dataclasses.FrozenInstanceError):
        choice.device = "cuda:0"


def test_threads_are_limited_and_restored(torch):
    with limit_threads(None):
        assert torch.threads == 4
    with pytest.raises(KeyError), limit_threads(2):
        assert torch.threads == 2
        raise KeyError
    assert torch.threads == 4


def test_with_the_real_torch():
    pytest.importorskip("torch")

    assert choose_device("cpu", 1).device == "cpu"
    assert choose_device("auto").sentence.startswith("Using the ")
