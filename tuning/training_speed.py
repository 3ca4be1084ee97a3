"""What makes training on a processor faster, and costs the weights nothing.

bfloat16 products where the processor has an instruction for them, weights and sums in float32
(Micikevicius et al. 2018, arXiv 1710.03740), and dropout (Srivastava et al. 2014) from a pool of
noise: to draw a number for each activation takes longer than the products themselves.
"""

import contextlib
import os
from typing import Any

# Large blocks in huge pages, read by torch when it takes its first: their memory is handed out 512
# small pages at a time, and the scores of attention ask for much of it at each step.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

POOL = 1 << 23  # masks that are drawn once; each use starts at a place drawn anew


def precision(training: bool) -> contextlib.AbstractContextManager[Any]:
    """bfloat16 products inside, in training and where the processor is made for them."""
    import torch

    able = torch.cpu.get_capabilities()
    fast = bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("amx_tile"))
    found: contextlib.AbstractContextManager[Any] = torch.autocast(
        "cpu", torch.bfloat16, enabled=training and fast
    )
    return found


def pool_dropout(module: Any) -> Any:
    """Every dropout of the module drawn from a pool; returns the module. Its parameters stay."""
    import torch

    class PooledDropout(torch.nn.Module):
        def __init__(self, share: float) -> None:
            super().__init__()
            kept = torch.rand(POOL, generator=torch.Generator().manual_seed(7)) >= share
            noise = kept.to(torch.bfloat16) / (1 - share)
            self.register_buffer("noise", noise, persistent=False)

        def forward(self, states: Any) -> Any:
            count = states.numel()
            if not self.training:
                return states
            if count > POOL:
                raise ValueError(f"at most {POOL} activations, not {count}")
            at = int(torch.randint(0, POOL - count + 1, ()))
            return states * self.noise[at : at + count].view(states.shape).to(states.dtype)

    shared: dict[float, Any] = {}
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, torch.nn.Dropout) and child.p:
                share = float(child.p)
                shared[share] = shared.get(share) or PooledDropout(share)
                setattr(parent, name, shared[share])
    return module
