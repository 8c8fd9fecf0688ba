"""The questions people ask, answered in a few sentences, each with the theorems that prove the answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question as a practitioner would put it; the answer may quote formulas in braces."""

    question: str
    answer: str
    theorems: tuple[str, ...]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "A linter tells me to drop the bias, because a normalisation follows. Is it right?",
        "Yes, if nothing but layers that carry a constant along (another convolution without zero padding, max-pooling, "
        "a residual sum …) stands between the layer and a **batch** normalisation that uses batch statistics: then the output, "
        "every other gradient and the whole training run are the same with and without it. No, if a ReLU or another activation lies "
        "between, or if the normalisation is LayerNorm, GroupNorm or RMSNorm.",
        (
            "bias_cancels_of_batch_statistics",
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "layernorm_removes_mean_of_channel_bias",
        ),
    ),
    Question(
        "Why is my bias gradient 1e-9 and not 0?",
        "Because it is a sum of many numbers that cancel exactly only on paper. The gradient is proved to be 0 for every loss; "
        "in floating point each of the additions rounds, and what is left is at most about the number of additions times the unit "
        "round-off times the sum of the magnitudes, in practice far less. The figure shows measured gradients below that bound, "
        "and a control far above it.",
        (
            "bias_gradient_vanishes_of_batch_statistics",
            "bias_hessian_row_vanishes_of_batch_statistics",
            "proved_zero_is_round_off_of_centring",
        ),
    ),
    Question(
        "I have a ReLU in between: Conv → ReLU → BN. Do I need the bias?",
        "Yes. The bias decides which units are active, and no {gamma} and {beta} can undo that. Only where all units or none are "
        "active does the output stand still.",
        (
            "output_moves_of_relu_before_batchnorm",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "output_moves_of_leaky_relu_before_batchnorm",
        ),
    ),
    Question(
        "What about inference, where stored statistics are used?",
        "Then the bias is an ordinary parameter and moves the output by {gamma*b/sqrt(V + eps)}. A network trained with it is "
        "nevertheless right, because the running mean has followed the bias up to a lag that dies out geometrically. To drop "
        "the bias from a trained network, subtract it from the running mean.",
        (
            "eval_output_moves_of_stored_statistics",
            "running_mean_tracks_bias",
            "bias_strips_losslessly_of_shifted_running_mean",
        ),
    ),
    Question(
        "How do I fold BatchNorm into the convolution?",
        "Multiply the weights by {gamma/sqrt(V + eps)}, and give the layer the bias {beta + (b - M)*gamma/sqrt(V + eps)}: also a "
        "layer that had none needs one afterwards. Use the network's own {eps}; the error of a wrong one is bounded exactly.",
        ("batchnorm_folds_of_stored_statistics", "wrong_epsilon_scales_of_folding"),
    ),
    Question(
        "Two convolutions before the BN: does the first one's bias cancel as well?",
        "It depends on the padding of the **second** convolution. With valid, circular, reflect or replicate padding it cancels; "
        "with zero padding it enters through the border, and by way of the mean it reaches the positions inside as well.",
        (
            "first_bias_cancels_of_borderless_second_convolution",
            "first_bias_survives_of_zero_padded_second_convolution",
        ),
    ),
    Question(
        "Is a redundant bias harmful?",
        "Not to the output in training, and plain SGD leaves it where it started. Weight decay lets it fade, which evaluation sees "
        "until the running mean has caught up. If an implementation forgets that the mean depends on the bias, it runs away.",
        (
            "redundant_bias_decays_of_weight_decay",
            "bias_runs_away_of_mean_held_constant",
            "gradient_zero_yet_output_moves_of_batch_renorm",
        ),
    ),
    Question(
        "And the last layer?",
        "Keep its bias. Only a softmax head has one redundant direction, adding the same number to all classes.",
        ("output_bias_acts_of_linear_output", "one_direction_redundant_of_softmax_head"),
    ),
)
