"""The questions people ask, answered in a few sentences, each with the theorems and experiments that the answer rests on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question as a practitioner would put it; the answer may quote formulas in braces.

    theorems, experiments: by name; what is proved and what was measured are kept apart.
    """

    question: str
    answer: str
    theorems: tuple[str, ...]
    experiments: tuple[str, ...] = ()


QUESTIONS: tuple[Question, ...] = (
    Question(
        "A linter tells me to drop the bias, because a normalisation follows. Is it right?",
        "Yes, if that is a **batch** normalisation with batch statistics, and only layers that carry a constant along stand between "
        "(another convolution without zero padding, max-pooling, a residual sum …): then the output, every other gradient and the "
        "whole run of SGD are the same with and without the bias. No, if a ReLU or another activation lies between: there the bias "
        "acts. LayerNorm and GroupNorm remove no more than its mean, RMSNorm nothing.",
        (
            "bias_cancels_of_batch_statistics",
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "output_moves_of_relu_before_batchnorm",
            "layernorm_removes_mean_of_channel_bias",
        ),
    ),
    Question(
        "How do I drop it?",
        "In a new network: `nn.Conv2d(…, bias=False)` in PyTorch, `Conv2D(…, use_bias=False)` in Keras. From a trained network the "
        "bias {b} goes without any loss if the stored mean {M} of the normalisation is lowered to {M - b} at the same time. PyTorch: "
        "`bn.running_mean -= conv.bias.detach()`, then `conv.bias = None`. Keras cannot take the bias away from a layer that is "
        "built: make a new one with `use_bias=False`, copy the kernel into it, and subtract the old bias from the moving mean.",
        ("bias_strips_losslessly_of_shifted_running_mean", "beta_absorbs_bias_of_batchnorm"),
    ),
    Question(
        "I want both, a bias and batch normalisation. How?",
        "Right before batch normalisation a bias does no harm under SGD and no good either; what you want is {beta}, the bias that the "
        "normalisation adds at its end, and it is there by default (`affine=True`, `center=True`). A library that leaves the bias out "
        "when a normaliser is given (TF-slim) therefore takes nothing away. Calling the normalisation yourself, after a layer with a "
        "bias, gives you both; but slim's `conv2d` then applies its own `activation_fn` first, ReLU unless you say `None`, and in "
        "Conv → ReLU → BN the bias acts.",
        (
            "bias_cancels_of_batch_statistics",
            "beta_absorbs_bias_of_batchnorm",
            "output_moves_of_relu_before_batchnorm",
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
        "I have a ReLU in between: Conv → ReLU → BN. Does the bias matter?",
        "It acts: where some units are active and some are not, the output moves with it. And it is irreplaceable: no {gamma} and "
        "{beta} and no other weights do its work on every batch. (This takes {eps > 0}, the small constant under the root. With "
        "{eps == 0} the output stands still also where all active units are equal, as where only one is active; with a small {eps} it "
        "moves there very little.) Whether training profits is a third question, and an experiment's.",
        (
            "output_moves_of_relu_before_batchnorm",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "weights_cannot_replace_bias_of_relu_before_batchnorm",
            "output_moves_of_leaky_relu_before_batchnorm",
        ),
    ),
    Question(
        "My model got worse without the bias. Is that why?",
        "If a ReLU stands between the layer and the normalisation, it may be: the bias acts there. That does not say how much it is "
        "worth. In our experiment, a small network with Linear → ReLU → BN, the final training loss is 0.7 % lower with the bias, and "
        "on held-out images no significant difference was found. If batch normalisation follows at once, the bias is not the reason: "
        "with and without it two runs of SGD agree up to round-off, and differ as two runs without it do that start a "
        "round-off apart.",
        ("output_moves_of_relu_before_batchnorm", "sgd_trajectory_ignores_bias_of_batch_statistics"),
        ("relu_bias_training", "sgd_trajectory"),
    ),
    Question(
        "What about inference, where stored statistics are used?",
        "There a stored mean {M} is subtracted (`running_mean`), and the root of a stored variance {V} plus a small constant {eps} "
        "divides. The bias {b} is then an ordinary parameter and moves the output by {gamma*b/sqrt(V + eps)}. A network trained with it "
        "is nevertheless right, because every batch mean contains {b} and the running mean has followed it, up to a lag that dies out: "
        "with momentum 0.1 in PyTorch 1 % of it is left after 44 batches, with momentum 0.99 in Keras after 459. It is wrong where "
        "the running mean cannot follow: in the first batches, with momentum 0 in PyTorch, with frozen statistics, and while weight decay "
        "moves the bias as fast as the running mean moves.",
        (
            "eval_output_moves_of_stored_statistics",
            "running_mean_tracks_bias",
            "redundant_bias_decays_of_weight_decay",
            "bias_strips_losslessly_of_shifted_running_mean",
        ),
        ("running_mean_lag",),
    ),
    Question(
        "How do I fold BatchNorm into the convolution?",
        "With the stored mean {M}, the stored variance {V} and the network's own {eps}: multiply the weights by "
        "{gamma/sqrt(V + eps)}, and give the layer the bias {beta + (b - M)*gamma/sqrt(V + eps)}. A layer that had none ({b == 0}) gets "
        "one. The error of a wrong {eps} is bounded exactly.",
        ("batchnorm_folds_of_stored_statistics", "wrong_epsilon_scales_of_folding"),
        ("epsilon_mismatch",),
    ),
    Question(
        "Conv → Conv → BN: does every convolution lose its bias, or only the last?",
        "The last one's cancels. For the first one's it is the padding of the **last** convolution that decides. Without padding, or "
        "with circular, reflect or replicate padding, it cancels as well: `bias=False` in both. With zero padding (`padding=1` in "
        'PyTorch, `padding="same"` in Keras) it enters through the border, and by way of the mean it reaches the positions inside too: '
        "it acts, and `bias=False` belongs into the last convolution alone.",
        (
            "first_bias_cancels_of_borderless_second_convolution",
            "first_bias_survives_of_zero_padded_second_convolution",
            "first_bias_survives_of_zero_padding_in_two_dimensions",
        ),
        ("border_effect",),
    ),
    Question(
        "Is a redundant bias harmful?",
        "Not to the output in training, and plain SGD leaves it where it started. Weight decay lets it fade, with momentum or in AdamW as "
        "well, which evaluation sees until the running mean has caught up. Adam divides the gradient, which is nothing but round-off, by "
        "its own size: the bias "
        "drifts at random, with steps up to the learning rate. Where training goes on with frozen statistics the bias is no longer "
        "redundant, and has a gradient like any other parameter. And if an implementation forgets that the mean depends on the bias, "
        "it runs away.",
        (
            "redundant_bias_decays_of_weight_decay",
            "redundant_bias_decays_of_heavy_ball",
            "redundant_bias_decays_of_decoupled_decay",
            "eval_output_moves_of_stored_statistics",
            "bias_runs_away_of_mean_held_constant",
            "gradient_zero_yet_output_moves_of_batch_renorm",
        ),
        ("weight_decay", "adam_on_dead_bias", "frozen_batchnorm", "runaway"),
    ),
    Question(
        "And the last layer?",
        "Its bias acts: every change of it moves every output by as much, and none of the layer's own weights can produce what it "
        "produces at the input 0. But a shift before it, such as the {beta} of a batch normalisation with only linear layers and "
        "inactive dropout between, can share its work: then the two are not irreplaceable together. Before a softmax one direction "
        "is redundant, adding the same number to all classes.",
        (
            "output_bias_acts_of_linear_output",
            "beta_absorbs_into_next_bias_of_inactive_dropout",
            "one_direction_redundant_of_softmax_head",
        ),
    ),
)
