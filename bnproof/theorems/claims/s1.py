"""What S1 says, judged: the linter's message, and folding."""

from __future__ import annotations

from dataclasses import replace

from .chains import BN_FIRST, RELU_FIRST
from .claim import Claim, Decided

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S1.a",
        "BN scales and shifts a normalised value, so a bias before it cancels in the mean subtraction.",
        "true if",
        "the mean subtracted is that of the same batch, not a stored one.",
        theorems=("bias_cancels_of_batch_statistics", "eval_output_moves_of_stored_statistics"),
        chains=(BN_FIRST,),
    ),
    Claim(
        "S1.b",
        "`bias=False` resolves the linter's warning; the default is True.",
        "true if",
        "the network is new. In a trained one the running mean has to be lowered by {b} at the same time.",
        theorems=("bias_strips_losslessly_of_shifted_running_mean",),
    ),
    Claim(
        "S1.c",
        "BN folds into the convolution before it: weights times {gamma/sqrt(V + eps)}, bias {beta + (b - M)*gamma/sqrt(V + eps)}.",
        "true if",
        "the statistics are stored: then this is the same function, for every input; without a bias put {b == 0}. With batch "
        "statistics, what is folded for one batch may be wrong for another.",
        theorems=("batchnorm_folds_of_stored_statistics",),
    ),
    Claim(
        "S1.d",
        "A folding script may use ε = 1e-7.",
        "false",
        "The network's own ε belongs there, 1e-3 in Keras. The wrong one makes every output's distance from {beta} too large: by "
        "0.05 % where the stored variance is 1, by a factor of 2 where it is about 1/3000, and by a factor of 100 at most.",
        theorems=("wrong_epsilon_scales_of_folding",),
        experiments=("epsilon_mismatch",),
    ),
    Claim(
        "S1.e",
        "Folding a convolution that was created without a bias needs one.",
        "true if",
        "{beta} is not exactly {M*gamma/sqrt(V + eps)}. If it is, the folded layer can do without. In Keras a layer keeps the "
        "`use_bias` that it was made with: make a new one with `use_bias=True` for the folded weights.",
        theorems=("batchnorm_folds_of_stored_statistics",),
    ),
    Claim(
        "S1.f",
        "The posted folding script handles all cases.",
        "false",
        'The formula is for a linear or convolutional layer with BN right behind it. With `activation="relu"` inside the '
        "convolution a ReLU lies between, and it is wrong. Nor are there always four arrays to read: `scale=False` or "
        "`center=False` leave three. The kernels of transposed and depthwise convolutions have their output channels along another "
        "axis, and the first array of a separable one is only its depthwise part.",
        theorems=("batchnorm_folds_of_stored_statistics",),
        chains=(
            replace(RELU_FIRST, chain='Conv2D(8, 3, activation="relu") -> BatchNormalization()'),
            Decided("Conv2D(8, 3) -> BatchNormalization(scale=False)", "conv1.bias", train="redundant"),
        ),
    ),
    Claim(
        "S1.g",
        "How can I do that, remove the bias?",
        "answer",
        "In a new network: `nn.Conv2d(…, bias=False)` in PyTorch, `Conv2D(…, use_bias=False)` in Keras. In a trained one the stored "
        "mean has to be lowered by the bias as well. PyTorch: `bn.running_mean -= conv.bias.detach()`, then `conv.bias = None`. "
        "Keras: make a new layer with `use_bias=False`, copy the kernel into it, and subtract the old bias from the moving mean.",
        theorems=("bias_strips_losslessly_of_shifted_running_mean",),
    ),
)
