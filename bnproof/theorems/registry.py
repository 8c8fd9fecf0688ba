"""Every theorem by name, in reading order. One theorem a file, in its chapter's folder; the file's name is the theorem's."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from ..errors import UnknownNameError, nearest
from .theorem import Theorem


@dataclass(frozen=True)
class Chapter:
    """Theorems that answer one group of questions, in a folder of their own."""

    folder: str
    title: str
    names: tuple[str, ...]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "batch_statistics",
        "The bias before batch normalisation",
        (
            "bias_cancels_of_batch_statistics",
            "bias_gradient_vanishes_of_batch_statistics",
            "bias_hessian_row_vanishes_of_batch_statistics",
            "other_gradients_ignore_bias_of_batch_statistics",
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "beta_absorbs_bias_of_batchnorm",
        ),
    ),
    Chapter(
        "activations",
        "An activation in between",
        (
            "mean_and_variance_of_relu",
            "output_moves_of_pointwise_activation_before_batchnorm",
            "output_moves_of_relu_before_batchnorm",
            "output_moves_of_leaky_relu_before_batchnorm",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "weights_cannot_replace_bias_of_relu_before_batchnorm",
        ),
    ),
    Chapter(
        "stored_statistics",
        "Inference and stored statistics",
        (
            "eval_output_moves_of_stored_statistics",
            "running_mean_tracks_bias",
            "cumulative_mean_tracks_bias",
            "bias_strips_losslessly_of_shifted_running_mean",
            "batchnorm_affine_of_stored_statistics",
            "batchnorm_not_affine_of_batch_statistics",
        ),
    ),
    Chapter(
        "folding",
        "Folding",
        (
            "batchnorm_folds_of_stored_statistics",
            "wrong_epsilon_scales_of_folding",
        ),
    ),
    Chapter(
        "layers_between",
        "Layers between the bias and the normalisation",
        (
            "convolutions_compose_of_valid_padding",
            "first_bias_cancels_of_borderless_second_convolution",
            "output_moves_of_uneven_shift",
            "first_bias_survives_of_zero_padded_second_convolution",
            "border_taps_form_a_product_of_two_dimensions",
            "first_bias_survives_of_zero_padding_in_two_dimensions",
            "shift_passes_of_max_pooling",
            "shift_passes_of_average_pooling",
            "shift_passes_of_residual_concatenation_upsampling",
            "output_moves_of_dropout_before_batchnorm",
            "dropout_variance_differs_of_training_and_evaluation",
        ),
    ),
    Chapter(
        "other_normalisations",
        "Other normalisations",
        (
            "layernorm_removes_mean_of_channel_bias",
            "groupnorm_removes_group_mean_of_channel_bias",
            "instancenorm_removes_channel_bias",
            "rmsnorm_keeps_bias",
            "softmax_removes_key_bias",
            "standardised_weights_keep_bias",
        ),
    ),
    Chapter(
        "last_layer",
        "The last layer, and layers without a normalisation",
        (
            "chained_linear_layers_are_one_of_no_activation",
            "beta_absorbs_into_next_bias_of_inactive_dropout",
            "output_bias_acts_of_linear_output",
            "one_direction_redundant_of_softmax_head",
            "optimal_bias_is_log_prior_of_zero_weights",
        ),
    ),
    Chapter(
        "training",
        "Training: what a redundant bias does",
        (
            "redundant_bias_decays_of_weight_decay",
            "redundant_bias_decays_of_heavy_ball",
            "redundant_bias_dies_out_of_heavy_ball",
            "redundant_bias_decays_of_decoupled_decay",
            "bias_runs_away_of_mean_held_constant",
            "gradient_zero_yet_output_moves_of_batch_renorm",
            "batchnorm_ignores_positive_scale_of_zero_epsilon",
            "radial_weight_gradient_of_batch_statistics",
            "bias_gradients_sum_to_zero_of_synchronised_statistics",
        ),
    ),
    Chapter(
        "floating_point",
        "In floating point",
        (
            "proved_zero_is_round_off_of_centring",
            "offset_costs_digits_of_centring",
            "one_pass_variance_loses_offset_squared",
        ),
    ),
)


def names() -> tuple[str, ...]:
    """All theorem names in reading order, without importing any theorem."""
    return tuple(name for chapter in CHAPTERS for name in chapter.names)


def theorem(name: str) -> Theorem:
    """The theorem of that name. Raises UnknownNameError with the three nearest names."""
    folder = next((chapter.folder for chapter in CHAPTERS if name in chapter.names), None)
    if folder is None:
        near = "\n".join(f"  {candidate}" for candidate in nearest(name, names()))
        raise UnknownNameError(f"there is no theorem `{name}`. The nearest names:\n{near}\nAll of them: bnproof theorems")
    found = importlib.import_module(f"{__package__}.{folder}.{name}").THEOREM
    if not isinstance(found, Theorem) or found.name != name:
        raise TypeError(f"{name}.py must define THEOREM with that name")
    return found


def theorems() -> tuple[Theorem, ...]:
    """All theorems in reading order."""
    return tuple(theorem(name) for name in names())
