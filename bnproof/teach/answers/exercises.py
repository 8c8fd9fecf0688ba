"""The proof exercises, from easy to hard."""

from __future__ import annotations

from ...errors import UnknownNameError, nearest
from .exercise import Exercise

_CANCELS = "bias_cancels_of_batch_statistics"
_ABSORBS = "beta_absorbs_bias_of_batchnorm"
_GRADIENT = "bias_gradient_vanishes_of_batch_statistics"

_ALL = (
    Exercise("mean-moves", 1, _CANCELS, "mean", "The batch mean moves with the bias",
             "The same bias {b} is added to all {n} values. Show that their mean moves by exactly {b}."),
    Exercise("centred-value", 1, _CANCELS, "centred", "A centred value does not see the bias",
             "Show that a value minus the batch mean is the same with and without the bias."),
    Exercise("eval-shift", 1, "eval_output_moves_of_stored_statistics", "shift", "In evaluation the bias shifts the output",
             "The mean {M} and the variance {V} are stored numbers. By how much does {b} move the output?"),
    Exercise("moved-mean", 1, _ABSORBS, "moved_mean", "The stored mean can take the bias over",
             "Show that a layer without the bias, whose stored mean is {M - b}, computes the same."),
    Exercise("variance-stays", 2, _CANCELS, "variance", "The batch variance does not see the bias",
             "Show that the variance is the same with and without the bias."),
    Exercise("output-stays", 2, _CANCELS, "output", "The output of batch normalisation does not see the bias",
             "Show that the normalised output is the same with and without the bias, if batch statistics are used."),
    Exercise("centred-sum", 2, _GRADIENT, "centred", "Normalised values add up to 0",
             "Show that the normalised values of a batch add up to 0."),
    Exercise("variance-in-one-pass", 2, "one_pass_variance_loses_offset_squared", "one_pass_exact",
             "The variance is the mean square minus the squared mean",
             "Show the formula by which a variance is computed in one pass over the data."),
    Exercise("shift-takes-over", 2, _ABSORBS, "same_statistics", "With stored statistics beta can take the bias over",
             "Both layers store the same {M} and {V}. Show that a layer without the bias computes the same with another shift."),
    Exercise("softmax", 2, "softmax_removes_key_bias", "scalar", "The softmax does not see a common bias",
             "Add {b} to everything that a softmax compares. Show that its outputs stay what they were."),
    Exercise("folding", 2, "batchnorm_folds_of_stored_statistics", "output", "Batch normalisation folds into the layer before it",
             "With stored statistics, show that a layer and the normalisation behind it are one layer with other weights and "
             "another bias."),
    Exercise("layer-norm", 3, "layernorm_removes_mean_of_channel_bias", "output", "Layer normalisation removes the mean of the biases",
             "Each channel has a bias of its own. Show that only its deviation from the mean of all biases is left."),
    Exercise("bias-gradient", 3, _GRADIENT, "one_line", "The gradient of the bias is 0",
             "A loss with the derivatives {g[j]} by the outputs. Show that its derivative by the bias is 0."),
    Exercise("relu-mean", 3, "mean_and_variance_of_relu", "mean", "Behind a ReLU the mean moves by less than the bias",
             "{chi[i]} is 1 at the {m} active units and 0 elsewhere. By how much does {b} move the mean of the ReLU's outputs?"),
    Exercise("attention", 3, "softmax_removes_key_bias", "weight", "Attention does not see the bias of its keys",
             "Every key gets the same bias. Show that the attention weights stay what they were."),
)  # fmt: skip

EXERCISES: dict[str, Exercise] = {exercise.name: exercise for exercise in _ALL}
"""Every exercise by its name."""


def exercise(name: str) -> Exercise:
    """The exercise of that name. Raises UnknownNameError with the nearest names."""
    if name not in EXERCISES:
        near = ", ".join(f"`{known}`" for known in nearest(name, EXERCISES))
        raise UnknownNameError(f"there is no exercise `{name}` (nearest: {near}). All of them: bnproof teach proofs")
    return EXERCISES[name]
