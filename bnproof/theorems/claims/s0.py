"""What S0 says, judged: convolution, ReLU and batch normalisation in either order."""

from __future__ import annotations

from .chains import RELU_FIRST
from .claim import Claim, Decided

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S0.a",
        "In Conv→BN→ReLU the bias does nothing.",
        "true if",
        "batch statistics are used: mean and value then move by the same {b}. With stored statistics it is an ordinary parameter.",
        theorems=("bias_cancels_of_batch_statistics", "eval_output_moves_of_stored_statistics"),
        chains=(Decided("conv -> bn -> relu", "conv1.bias", train="redundant", eval="acts"),),
    ),
    Claim(
        "S0.b",
        "In that order BN's {beta} takes over the bias's work.",
        "imprecise",
        "{beta} is not why the bias does nothing: the mean is subtracted, and without a {beta} the bias cancels as well, as before "
        "`InstanceNorm2d`, which has none by default. In training there is no work to take over. In evaluation "
        "{beta + gamma*b/sqrt(V + eps)} in the place of {beta} does exactly what {b} did.",
        theorems=(
            "beta_absorbs_bias_of_batchnorm",
            "bias_cancels_of_batch_statistics",
            "instancenorm_removes_channel_bias",
        ),
        chains=(
            Decided("Conv2d(3, 8, 3) -> BatchNorm2d(8, affine=False)", "conv1.bias", train="redundant", eval="acts"),
            Decided("Conv2d(3, 8, 3) -> InstanceNorm2d(8)", "conv1.bias", train="redundant", eval="redundant"),
        ),
    ),
    Claim(
        "S0.c",
        "After a ReLU the batch mean is something plus {b/n}.",
        "imprecise",
        "Every active unit contributes {b}: with {m} of {n} active the mean carries {m*b/n}.",
        theorems=("mean_and_variance_of_relu",),
    ),
    Claim(
        "S0.d",
        "The standard deviation after a ReLU is a sum of squares.",
        "imprecise",
        "It is the root of that sum. The source's constant covers {1/n}; only the root is missing, without which the values would be "
        "divided by their variance.",
        theorems=("mean_and_variance_of_relu",),
    ),
    Claim(
        "S0.e",
        "After a ReLU the output depends on {b} through a product with the input, so {beta} cannot replace it.",
        "imprecise",
        "The conclusion holds, for another reason: {b} changes the ratio of output differences, which no {gamma} and {beta} can, and "
        "not even other weights give the same outputs on every batch. The product stands in the variance, by which all values are "
        "divided alike.",
        theorems=(
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "weights_cannot_replace_bias_of_relu_before_batchnorm",
            "mean_and_variance_of_relu",
        ),
        chains=(RELU_FIRST,),
    ),
    Claim(
        "S0.f",
        "At inference a bias that was neither disabled nor zero at the start gives wrong results.",
        "false",
        "A network trained with the bias is right in evaluation: every batch mean contains {b}, so the running mean follows it, and "
        "what is missing after {t} updates, {b*(1 - alpha)**t}, dies out (at PyTorch's default, {alpha == 1/10}, 1 % is left after 44). "
        "Wrong it is only where the running mean cannot follow: frozen statistics, {alpha == 0}, the very first updates, and a bias "
        "that moves as fast as the running mean. Weight decay with {eta*lam == alpha} is such a case: a running mean that started "
        "without the bias overshoots and is off by 0.135 of {b0} near {t == 2/alpha}, one that had caught up by 0.37 near "
        "{t == 1/alpha} (both for small {alpha}); then that dies out too.",
        theorems=(
            "running_mean_tracks_bias",
            "redundant_bias_decays_of_weight_decay",
            "eval_output_moves_of_stored_statistics",
        ),
        experiments=("running_mean_lag",),
    ),
    Claim(
        "S0.g",
        "It is enough to look at one output pixel and a batch.",
        "imprecise",
        "BatchNorm2d takes mean and variance over batch and positions together: {n} is the number of images times the number of "
        "positions. The bias is the same at all of them, so what is proved holds with this {n}, for a single image as well.",
        theorems=("bias_cancels_of_batch_statistics", "output_moves_of_relu_before_batchnorm"),
        chains=(
            Decided("conv -> bn @ 1x3x8x8", "conv1.bias", train="redundant"),
            Decided("conv -> relu -> bn @ 1x3x8x8", "conv1.bias", train="acts"),
        ),
    ),
)
