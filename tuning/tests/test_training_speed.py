"""Dropout from a pool drops as often as it says, keeps the mean, and ends with the training."""

import pytest
import torch

from tuning.training_speed import POOL, pool_dropout, precision


def module(share: float = 0.25) -> torch.nn.Module:
    return pool_dropout(torch.nn.Sequential(torch.nn.Dropout(share), torch.nn.Dropout(0.0)))


def test_it_drops_its_share_and_keeps_the_mean() -> None:
    torch.manual_seed(1)
    out = module()(torch.ones(200, 1000))
    assert float((out == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(out.mean()) == pytest.approx(1.0, abs=0.01)
    assert sorted(out.unique().tolist()) == pytest.approx([0.0, 4 / 3], abs=0.01)


def test_each_use_drops_others_and_gradients_follow() -> None:
    torch.manual_seed(1)
    states = torch.ones(50, 100, requires_grad=True)
    one, two = module()(states), module()(states)
    assert not torch.equal(one, two)
    one.sum().backward()
    assert states.grad is not None and torch.equal(states.grad, one.detach())


def test_nothing_is_dropped_after_training_and_no_weight_is_added() -> None:
    whole = module().eval()
    states = torch.randn(3, 4)
    assert torch.equal(whole(states), states)
    assert not whole.state_dict()


def test_more_than_the_pool_is_refused() -> None:
    with pytest.raises(ValueError, match="activations"):
        module()(torch.ones(1).expand(POOL + 1))


def test_precision_is_full_where_nobody_trains() -> None:
    some = torch.randn(8, 8)
    with precision(False):
        assert (some @ some).dtype is torch.float32
