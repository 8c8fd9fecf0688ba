"""What S0 says, judged: convolution, ReLU and batch normalisation in either order."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S0.a",
        "In Conv→BN→ReLU the bias does nothing.",
        "true if",
        "batch statistics are used: mean and value then move by the same {b}. With stored statistics it is an ordinary parameter.",
        "bias_cancels_of_batch_statistics",
    ),
    Claim(
        "S0.b",
        "In that order BN's {beta} takes over the bias's work.",
        "true",
        "In training there is nothing left to take over; in evaluation {beta + gamma*b/sqrt(V + eps)} does exactly what {b} did.",
        "beta_absorbs_bias_of_batchnorm",
    ),
    Claim(
        "S0.c",
        "After a ReLU the batch mean is something plus {b/n}.",
        "imprecise",
        "Every active unit contributes {b}: with {m} of {n} active the mean carries {m*b/n}.",
        "mean_and_variance_of_relu",
    ),
    Claim(
        "S0.d",
        "The standard deviation after a ReLU is a sum of squares.",
        "imprecise",
        "It is the root of the mean square deviation; without the root and {1/n} the formula scales wrongly.",
        "mean_and_variance_of_relu",
    ),
    Claim(
        "S0.e",
        "After a ReLU the output depends on {b} through a product with the input, so {beta} cannot replace it.",
        "imprecise",
        "The conclusion holds, for another reason: {b} changes the ratio of output differences, which no {gamma} and {beta} can.",
        "affine_cannot_replace_bias_of_relu_before_batchnorm",
    ),
    Claim(
        "S0.f",
        "At inference a bias that was neither disabled nor zero at the start gives wrong results.",
        "imprecise",
        "A network trained with the bias is right in evaluation: every batch mean contains {b}, so the running mean follows it, and "
        "what is missing after {t} updates, {b*(1 - alpha)**t}, dies out (at PyTorch's default, {alpha == 1/10}, 1 % is left after 44). "
        "Wrong it is only where the running mean cannot follow: frozen statistics, {alpha == 0}, the very first updates, and a bias "
        "that moves as fast as the mean, as under weight decay with {eta*lam} not small against {alpha}.",
        "running_mean_tracks_bias",
    ),
)
