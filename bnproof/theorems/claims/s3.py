"""What S3 says, judged: two heads on a trained network."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S3.a",
        "With a ReLU between Linear and BN the rule “no bias before BN” does not apply.",
        "true",
        "As soon as some units are active and some are not, the normalised outputs move with the bias ({eps > 0}).",
        "output_moves_of_relu_before_batchnorm",
    ),
    Claim(
        "S3.b",
        "Elsewhere the rule holds because BN centres its input.",
        "true",
        "Centring removes exactly what is common to all values, and a bias is.",
        "bias_cancels_of_batch_statistics",
    ),
    Claim(
        "S3.c",
        "The last layer's bias should stay on.",
        "true if",
        "no shift before it can do its work, as a {beta} can while only linear layers follow (in evaluation, dropout being inactive). "
        "It moves the output one for one; with zero weights it learns the class frequencies. Before a softmax a constant added to all "
        "classes is redundant.",
        "optimal_bias_is_log_prior_of_zero_weights",
    ),
    Claim(
        "S3.d",
        "BN's {beta}, followed by dropout and a linear layer with bias, is superfluous.",
        "true if",
        "dropout is inactive: in evaluation the next bias can absorb it. With dropout active it cannot, because each mask lets "
        "another part through.",
        "beta_absorbs_into_next_bias_of_inactive_dropout",
    ),
)
