"""What S4 says, judged: an item of a list of common mistakes."""

from __future__ import annotations

from .claim import Claim

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S4.a",
        "A bias before BN is spurious but harmless.",
        "true if",
        "plain SGD and batch statistics are used. Weight decay lets it fade, and evaluation sees that until the running mean has caught "
        "up; Adam blows up the round-off of its gradient; with frozen statistics it is a real parameter.",
        "redundant_bias_decays_of_weight_decay",
    ),
    Claim(
        "S4.b",
        "The output layer must keep its bias.",
        "true if",
        "nothing before the layer shifts its input. None of its own weights can produce what the bias produces at the input 0; a "
        "{beta} before it, with only linear layers between, may.",
        "output_bias_acts_of_linear_output",
    ),
    Claim(
        "S4.c",
        "Two biases on one channel are redundant or in conflict.",
        "imprecise",
        "Never in conflict: in training {b} is a redundant direction on its own, in evaluation {b} and {beta} span one direction "
        "too many.",
        "beta_absorbs_bias_of_batchnorm",
    ),
    Claim(
        "S4.d",
        "With BN momentum 0 the convolution has trainable parameters without a useful gradient.",
        "imprecise",
        "The bias has no useful gradient whatever the momentum, which enters no gradient in training; it only decides what "
        "evaluation subtracts: with {alpha == 0} the running mean never moves.",
        "running_mean_tracks_bias",
    ),
    Claim(
        "S4.e",
        "BatchNorm2d is a linear operation.",
        "false",
        "With stored statistics it is affine, linear only if its offset is 0; with batch statistics it is not even affine.",
        "batchnorm_not_affine_of_batch_statistics",
    ),
    Claim(
        "S4.f",
        "In Conv→Conv→BN only the last convolution's bias is affected.",
        "imprecise",
        "The padding of the last convolution decides: without zero padding the first bias cancels as well, with it the first "
        "bias enters through the border.",
        "first_bias_survives_of_zero_padded_second_convolution",
    ),
    Claim(
        "S4.g",
        "Turning off every convolution's bias does no harm in practice.",
        "true if",
        "every convolution leads to batch normalisation with batch statistics through layers that carry a constant along. A bias "
        "before ReLU→BN acts, and no {gamma}, {beta} or weights replace it; before a zero-padded convolution it acts as well, and "
        "before LayerNorm, GroupNorm or RMSNorm so does all of it but a mean at most.",
        "affine_cannot_replace_bias_of_relu_before_batchnorm",
    ),
)
