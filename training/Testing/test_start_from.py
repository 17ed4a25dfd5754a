"""Going on from the weights of an earlier run."""

from __future__ import annotations

import pytest
import torch

from livercnn_training.checkpoint import start_from, write_tensors
from livercnn_training.config import ConfigError
from LiverStandardizeLib.networks import build

SMALL = {"width": 8, "blocks": 1}


@pytest.fixture
def earlier(tmp_path):
    torch.manual_seed(3)
    network = build("standardizer", SMALL)
    torch.nn.init.normal_(network.head.weight)
    path = tmp_path / "average.safetensors"
    write_tensors(path, {name: value.numpy() for name, value in network.state_dict().items()})
    return network, path


def test_parts_that_are_new_change_nothing_at_first(earlier):
    network, path = earlier
    taught = build("standardizer", {**SMALL, "protocols": ["M40", "M80"]})
    start_from(taught, path)
    sections = torch.randn(1, 1, 16, 16)
    with torch.inference_mode():
        assert torch.equal(taught(sections, torch.tensor([1])), network(sections))


@pytest.mark.parametrize("config", [{"width": 16, "blocks": 1}, {"width": 8, "blocks": 2}])
def test_another_network_is_refused(earlier, config):
    with pytest.raises(ConfigError, match="another network"):
        start_from(build("standardizer", config), earlier[1])


def test_a_network_with_less_is_refused(earlier, tmp_path):
    _, path = earlier
    taught = build("standardizer", {**SMALL, "protocols": ["M40"]})
    start_from(taught, path)
    write_tensors(tmp_path / "more", {name: value.numpy() for name, value in taught.state_dict().items()})
    with pytest.raises(ConfigError, match="style"):
        start_from(build("standardizer", SMALL), tmp_path / "more")
