"""What S2 says, judged: a library that drops the bias when a normaliser is given."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S2.a",
        "BN already adds a bias, so a second one before it is useless: any constant is cancelled.",
        "true if",
        "the constant reaches all values of a channel, batch statistics are used and no activation lies between.",
        "bias_cancels_of_batch_statistics",
    ),
    Claim(
        "S2.b",
        "A convolution with bias and BN behaves like one without bias and BN.",
        "true if",
        "batch statistics are used: in training, outputs, other gradients and the whole SGD run agree; in evaluation they agree up "
        "to the running mean's lag.",
        "sgd_trajectory_ignores_bias_of_batch_statistics",
    ),
    Claim(
        "S2.c",
        "It is like several fully connected layers without activation, which behave as one.",
        "imprecise",
        "There two biases merge into one that acts; before BN the bias merges into nothing, because it cancels.",
        "chained_linear_layers_are_one_of_no_activation",
    ),
    Claim(
        "S2.d",
        "BN relies on updates that are not gradients.",
        "true",
        "The running mean is updated by a recursion, and it is this that follows a bias no gradient moves.",
        "running_mean_tracks_bias",
    ),
    Claim(
        "S2.e",
        "With the leaky ReLU after BN the bias before BN is superfluous.",
        "true if",
        "batch statistics are used. With the leaky ReLU between and {eps > 0}, the bias acts unless the slope is 1 or all units "
        "lie on one side.",
        "output_moves_of_leaky_relu_before_batchnorm",
    ),
)
