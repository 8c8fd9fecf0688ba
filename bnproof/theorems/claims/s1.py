"""What S1 says, judged: the linter's message, and folding."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S1.a",
        "BN scales and shifts a normalised value, so a bias before it cancels in the mean subtraction.",
        "true if",
        "the mean subtracted is that of the same batch, not a stored one.",
        "bias_cancels_of_batch_statistics",
    ),
    Claim(
        "S1.b",
        "`bias=False` resolves the linter's warning; the default is True.",
        "true if",
        "the network is new. In a trained one the running mean has to be lowered by {b} at the same time.",
        "bias_strips_losslessly_of_shifted_running_mean",
    ),
    Claim(
        "S1.c",
        "BN folds into the convolution before it: weights times {gamma/sqrt(V + eps)}, bias {beta + (b - M)*gamma/sqrt(V + eps)}.",
        "true",
        "With stored statistics this is the same function, for every input; without a bias put {b == 0}.",
        "batchnorm_folds_of_stored_statistics",
    ),
    Claim(
        "S1.d",
        "A folding script may use ε = 1e-7.",
        "false",
        "The network's own ε belongs there, 1e-3 in Keras: the wrong one stretches every output's distance from {beta} by up to "
        "a factor of 100.",
        "wrong_epsilon_scales_of_folding",
    ),
    Claim(
        "S1.e",
        "Folding a convolution that was created without a bias needs one.",
        "true if",
        "{beta} is not exactly {M*gamma/sqrt(V + eps)}. If it is, the folded layer can do without.",
        "batchnorm_folds_of_stored_statistics",
    ),
)
