"""What S3 says, judged: two heads on a trained network."""

from __future__ import annotations

from .claim import Claim, Decided
from .measured import measured


def _loss(images: str, column: str) -> str:
    return measured("relu_bias_training", f"{images} images", column)


_TRAINING = f"{_loss('training', 'with the bias')} with the bias and {_loss('training', 'without')} without it"
_HELD_OUT = f"{_loss('held-out', 'with the bias')} and {_loss('held-out', 'without')}"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S3.a",
        "With a ReLU between Linear and BN the rule “no bias before BN” does not apply: the model gets worse without the bias.",
        "imprecise",
        "The rule does not apply: where some units are active and some are not, the normalised outputs move with the bias "
        "({eps > 0}), and no other weights, {gamma} and {beta} do its work. How much worse the model gets, only an experiment can say: "
        f"in ours, with a small network, the final loss on training images is {_TRAINING}, a significant difference; on held-out "
        f"images it is {_HELD_OUT}, not a significant one.",
        theorems=("output_moves_of_relu_before_batchnorm", "weights_cannot_replace_bias_of_relu_before_batchnorm"),
        experiments=("relu_bias_training",),
        chains=(
            Decided(
                "linear -> relu -> bn",
                "linear1.bias",
                train="acts",
                eval="acts",
                irreplaceable_by=("linear1.kernel", "bn1.gamma", "bn1.beta"),
            ),
        ),
    ),
    Claim(
        "S3.b",
        "Elsewhere the rule holds because BN centres its input.",
        "true if",
        "batch statistics are used: centring removes exactly what is common to all values, and a bias is. A stored mean stays "
        "where it is when the bias changes.",
        theorems=("bias_cancels_of_batch_statistics", "eval_output_moves_of_stored_statistics"),
        chains=(Decided("linear -> bn", "linear1.bias", train="redundant", eval="acts"),),
    ),
    Claim(
        "S3.c",
        "The last layer's bias should stay on.",
        "true if",
        "no shift before it can do its work. In evaluation, dropout being inactive, the {beta} of a BN before the last layer "
        "can, for every value of the bias, where the rows of that layer's weight matrix are independent. The bias moves the "
        "output one for one; with zero weights it learns the class frequencies. Before a softmax a constant added to all "
        "classes is redundant.",
        theorems=(
            "optimal_bias_is_log_prior_of_zero_weights",
            "output_bias_acts_of_linear_output",
            "beta_absorbs_into_next_bias_of_inactive_dropout",
            "one_direction_redundant_of_softmax_head",
        ),
        chains=(Decided("linear -> relu -> bn -> dropout -> linear", "linear2.bias", train="acts", eval="acts"),),
    ),
    Claim(
        "S3.d",
        "BN's {beta}, followed by dropout and a linear layer with bias, is superfluous.",
        "true if",
        "dropout is inactive: in evaluation the next bias can absorb it. With dropout active it cannot, because each mask lets "
        "another part through.",
        theorems=("beta_absorbs_into_next_bias_of_inactive_dropout",),
    ),
    Claim(
        "S3.e",
        "The larger head is more powerful, the single Linear simpler.",
        "true if",
        "evaluation is meant. There the larger head contains the smaller: BN is an affine map, which the last layer can undo, "
        "and every output is relu(u) − relu(−u) of an affine map u, so that 8 of the 1024 ReLU units do the 4 outputs "
        "(checked on an exact example); and it computes functions that are not affine. It has 2,104,324 parameters, the "
        "single Linear 8,196.",
        theorems=("batchnorm_affine_of_stored_statistics",),
    ),
    Claim(
        "S3.f",
        "My model performed badly when I turned off the bias of the first layer.",
        "open",
        "That model was not run here, and the bias acts in it. In our experiment with a small network of this kind the final loss on "
        f"training images is {_TRAINING}, and no significant difference was found on held-out images.",
        theorems=("output_moves_of_relu_before_batchnorm",),
        experiments=("relu_bias_training",),
    ),
    Claim(
        "S3.g",
        "Even the convolutions of EfficientNet have no bias before BN.",
        "true if",
        "those right before BN are meant, where a bias would be redundant in training. The two of a squeeze-and-excite block "
        "keep theirs: SiLU and a sigmoid stand behind them, and there they act. Where only a 1×1 convolution stands between a "
        "bottleneck's last BN and the next BN, the {beta} of the former is redundant in training as well.",
        theorems=("bias_cancels_of_batch_statistics",),
        chains=(
            Decided("conv(k=1) -> bn -> conv(k=1) -> bn -> silu", "conv1.bias", train="redundant"),
            Decided("conv(k=1) -> bn -> conv(k=1) -> bn -> silu", "bn1.beta", train="redundant", eval="acts"),
            Decided("globalpool -> linear -> silu -> linear -> sigmoid", "linear1.bias", train="acts", eval="acts"),
            Decided("globalpool -> linear -> silu -> linear -> sigmoid", "linear2.bias", train="acts", eval="acts"),
        ),
    ),
    Claim(
        "S3.h",
        "The single Linear is naturally regularised, learns less, and may validate better.",
        "open",
        "Not shown here: no experiment of ours compares the two heads.",
    ),
)
