"""The text of print(model), of Sequentials in Sequentials, is read as the model that was printed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bnproof.chain.build import build
from bnproof.errors import ChainError

from .tables import inputs
from .torch_oracle import chain, compared, sequential, torch

nn: Any = torch.nn

LAYERS = (
    *("nn.Conv2d(6, 6, 3, padding=1)", "nn.Conv2d(6, 6, (3, 1), padding=(1, 0), bias=False, dilation=(1, 2), groups=2)"),
    *("nn.Conv2d(6, 6, 3, padding='same', padding_mode='circular')", "nn.ConvTranspose2d(6, 6, 3, 1, 1)", "nn.PReLU(6)"),
    *(
        "nn.BatchNorm2d(6, eps=1e-3, momentum=0.2)",
        "nn.BatchNorm2d(6, bias=False)",
        "nn.BatchNorm2d(6, track_running_stats=False)",
    ),
    *("nn.InstanceNorm2d(6, affine=True)", "nn.GroupNorm(3, 6)", "nn.LayerNorm((6, 8, 7), bias=False)", "nn.Hardtanh(-2, 2.5)"),
    *(
        "nn.ReLU(inplace=True)",
        "nn.ReLU()",
        "nn.LeakyReLU(0.2)",
        "nn.ELU(0.5)",
        "nn.GELU(approximate='tanh')",
        "nn.Softmax(dim=1)",
    ),
    *(
        "nn.MaxPool2d(3, 1, 1)",
        "nn.AvgPool2d(3, stride=1, padding=1)",
        "nn.AdaptiveAvgPool2d((None, 7))",
        "nn.SiLU()",
        "nn.Softplus()",
    ),
    *(
        "nn.Dropout(p=0.2)",
        "nn.Identity()",
        "nn.Sequential(nn.Upsample(scale_factor=2), nn.MaxPool2d(2, 2))",
        "nn.ReLU6()",
        "nn.Mish()",
    ),
)


def nested(drawn: random.Random, depth: int) -> str:
    """Some layers that keep the shape, some of them in Sequentials of their own, with numbers or with names."""
    parts = [
        f"nn.Sequential({nested(drawn, depth - 1)})" if depth and drawn.random() < 0.4 else drawn.choice(LAYERS)
        for _ in range(drawn.randint(1, 4))
    ]
    if drawn.random() < 0.3:
        pairs = (f"('layer{k}', {part})" for k, part in enumerate(parts))
        return f"OrderedDict([{', '.join(pairs)}])"
    return ", ".join(parts)


@pytest.mark.parametrize("seed", range(20))
def test_is_read_as_what_was_printed(seed: int) -> None:
    text, x = nested(random.Random(seed), 3), inputs((2, 6, 8, 7))
    model = sequential(text, x)
    printed = build(f"{model}\n@ 2x6x8x7")
    written = chain(text, (2, 6, 8, 7))
    assert printed.chain == written.chain
    assert [here.name for here in printed.places] == [
        name for name, module in model.named_modules() if not list(module.children())
    ]
    modes = ("eval",) if "Dropout" in text else ("eval", "train")
    assert compared(model, printed, x, modes) == "equal"


def test_a_head_behind_a_flatten() -> None:
    text = "nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 5), nn.BatchNorm1d(5), nn.Sequential(nn.Linear(5, 2, bias=False))"
    x = inputs((4, 3, 8, 8))
    model = sequential(text, x)
    assert compared(model, build(str(model)), x, ("eval", "train")) == "equal"


class Residual(nn.Module):
    """A module of one's own: what it prints does not say what it computes."""

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        self.block = nn.Sequential(*layers)

    def forward(self, x: Any) -> Any:
        return x + self.block(x)


REFUSED = {
    "Residual": Residual(nn.Conv2d(3, 3, 1)),
    "ModuleList": nn.ModuleList([nn.Conv2d(3, 3, 1), nn.ReLU()]),
    "ModuleDict": nn.ModuleDict({"a": nn.Conv2d(3, 3, 1)}),
    "Sequential of Residual": nn.Sequential(nn.ReLU(), Residual(nn.Conv2d(3, 3, 1))),
    "Sequential of ModuleList": nn.Sequential(nn.ReLU(), nn.ModuleList([nn.ReLU(), nn.ReLU()])),
    "TransformerEncoderLayer": nn.TransformerEncoderLayer(8, 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_container_that_is_no_sequential_is_refused(name: str) -> None:
    with pytest.raises(ChainError, match=f"a printed `{name.rsplit(maxsplit=1)[-1]}` shows which layers it registers, not how"):
        build(str(REFUSED[name]))
