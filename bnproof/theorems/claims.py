"""The claims ledger: what five well-known sources say about biases before normalisation, and whether it holds.

Ids: S0 question and answer on Conv→ReLU→BN against Conv→BN→ReLU; S1 a linter's message, and folding; S2 TF-slim dropping the
bias; S3 a Linear→ReLU→BatchNorm1d→Dropout→Linear head; S4 an item of a list of common mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ClaimVerdict = Literal["true", "true if", "imprecise", "false"]


@dataclass(frozen=True)
class Claim:
    """A claim in our own words, the verdict, the reason, and the theorem that decides it.

    The reason for “true if” begins with the condition and goes on where the verdict stops.
    """

    id: str
    claim: str
    verdict: ClaimVerdict
    reason: str
    theorem: str


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
