"""What S2 says, judged: a library that drops the bias when a normaliser is given."""

from __future__ import annotations

from ...chain.examples import EXAMPLES
from .chains import BN_FIRST, LEAKY_FIRST, LEAKY_LAST, RELU_FIRST
from .claim import Claim, Decided

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S2.a",
        "BN already adds a bias, so a second one before it is useless: any constant is cancelled.",
        "true if",
        "the constant reaches all values of a channel, batch statistics are used and no activation lies between.",
        theorems=("bias_cancels_of_batch_statistics", "beta_absorbs_bias_of_batchnorm"),
        chains=(BN_FIRST, LEAKY_FIRST),
    ),
    Claim(
        "S2.b",
        "A convolution with bias and BN behaves like one without bias and BN.",
        "true if",
        "batch statistics are used: in training, outputs, other gradients and the whole SGD run agree; in evaluation they agree up "
        "to the running mean's lag.",
        theorems=(
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "bias_cancels_of_batch_statistics",
            "other_gradients_ignore_bias_of_batch_statistics",
            "running_mean_tracks_bias",
        ),
        experiments=("sgd_trajectory",),
        chains=(BN_FIRST,),
    ),
    Claim(
        "S2.c",
        "It is like several fully connected layers without activation, which behave as one.",
        "imprecise",
        "There two biases merge into one that acts; before BN the bias merges into nothing, because it cancels.",
        theorems=("chained_linear_layers_are_one_of_no_activation", "bias_cancels_of_batch_statistics"),
    ),
    Claim(
        "S2.d",
        "BN relies on updates that are not gradients.",
        "true",
        "The running mean is updated by a recursion, and it is this that follows a bias no gradient moves.",
        theorems=("running_mean_tracks_bias",),
    ),
    Claim(
        "S2.e",
        "With the leaky ReLU after BN the bias before BN is superfluous.",
        "true if",
        "batch statistics are used. With the leaky ReLU between and {eps > 0}, the bias acts unless the slope is 1 or all units "
        "lie on one side.",
        theorems=("bias_cancels_of_batch_statistics", "output_moves_of_leaky_relu_before_batchnorm"),
        chains=(LEAKY_LAST, LEAKY_FIRST),
    ),
    Claim(
        "S2.f",
        "A bias and batch normalisation are both had with `normalizer_fn=None`, followed by `tf.nn.batch_normalization(net)`.",
        "true if",
        "`activation_fn=None` is given as well and the second call gets the batch's mean and variance: then it is Conv→BN, whose "
        "bias is redundant in training. Without that, slim's `conv2d` still applies its activation, ReLU by default: in Conv→ReLU→BN "
        "the bias acts, and no other weights, {gamma} and {beta} do its work. With the asker's leaky ReLU it acts as well.",
        theorems=(
            "bias_cancels_of_batch_statistics",
            "weights_cannot_replace_bias_of_relu_before_batchnorm",
            "output_moves_of_leaky_relu_before_batchnorm",
        ),
        chains=(BN_FIRST, RELU_FIRST, LEAKY_FIRST),
    ),
    Claim(
        "S2.g",
        "Dropout and BN should not be used together: dropout changes the standard deviation in training, not in validation.",
        "imprecise",
        "The order decides. Dropout before BN keeps a value with probability {keep_rate}, and divides it by {keep_rate}: where values have "
        "mean {M} and variance {V}, it makes the variance {(V + (1 - keep_rate)*M**2)/keep_rate} in training, and leaves {V} in "
        "evaluation. A bias before it is part of {M}, and acts. Dropout behind a BN changes none of its statistics, only those of a "
        "later one. Whether training suffers is not shown here.",
        theorems=("dropout_variance_differs_of_training_and_evaluation", "output_moves_of_dropout_before_batchnorm"),
        chains=(
            Decided("conv -> dropout -> bn", "conv1.bias", train="acts"),
            Decided("conv -> bn -> dropout", "conv1.bias", train="redundant"),
        ),
    ),
    Claim(
        "S2.h",
        "BN may follow convolution and pooling layers, and the bias cancels all the same.",
        "true if",
        "no activation lies between and the pooling counts no padded zeros: max-pooling and average pooling then carry the bias "
        "along. An average that counts padded zeros (PyTorch's default, if it pads) carries less of it at the border, and it acts.",
        theorems=("shift_passes_of_max_pooling", "shift_passes_of_average_pooling", "bias_cancels_of_batch_statistics"),
        chains=(
            Decided("conv -> maxpool -> bn", "conv1.bias", train="redundant"),
            Decided("conv -> avgpool -> bn", "conv1.bias", train="redundant"),
            Decided("conv -> avgpool(pad=1) -> bn", "conv1.bias", train="acts"),
            Decided("conv -> relu -> maxpool -> bn", "conv1.bias", train="acts"),
        ),
    ),
    Claim(
        "S2.i",
        "BN cannot be used in a recurrent network.",
        "false",
        "With statistics of every time step it can. Normalise, before the tanh, the sum of what the input and the state contribute: "
        "`b_ih` and `b_hh` are the same for all values of a step, so that both are redundant in training; with stored statistics "
        "they act. How well such a network trains is not shown here.",
        theorems=("bias_cancels_of_batch_statistics", "eval_output_moves_of_stored_statistics"),
    ),
    Claim(
        "S2.j",
        "If the UPDATE_OPS are not run, the moving statistics stay as they were initialised.",
        "true",
        "That is a running mean with {alpha == 0}, which never moves: in evaluation the outputs with the bias and without it keep "
        "differing by {gamma*b/sqrt(V + eps)}.",
        theorems=("running_mean_tracks_bias",),
    ),
    Claim(
        "S2.k",
        "Biases start at the constant 0.",
        "true if",
        "the library sets them so: TF-slim and Keras do, PyTorch draws them at random. Before BN with batch statistics a bias that "
        "starts at 0 stays there under SGD, with momentum or without: then evaluation, too, is that of the network without it.",
        theorems=("sgd_trajectory_ignores_bias_of_batch_statistics",),
    ),
    Claim(
        "S2.l",
        "BN is already a factor {gamma} times the normalised value, plus a bias.",
        "imprecise",
        "In TF-slim the bias {beta} is there by default, the factor is not (`scale=False`); a bias before it is redundant in training "
        "either way. Slim's running mean is slow (decay 0.999): it takes 4,603 updates until 1 % of a bias is missing in it, or less.",
        theorems=("bias_cancels_of_batch_statistics", "running_mean_tracks_bias"),
        chains=(Decided(EXAMPLES["S2"].chain, "conv1.bias", train="redundant"),),
    ),
    Claim(
        "S2.m",
        "BN may be the first layer, and allows higher learning rates.",
        "open",
        "That training gains is not shown here. Proved is, for {eps == 0}: a positive factor on the weights before BN changes no "
        "output, and a filter's gradient is orthogonal to the filter, so that a step never makes it shorter. A BN that comes first "
        "has no layer before it, and the bias of the layer behind it acts.",
        theorems=("batchnorm_ignores_positive_scale_of_zero_epsilon", "radial_weight_gradient_of_batch_statistics"),
        chains=(Decided("bn -> conv", "conv1.bias", train="acts", eval="acts"),),
    ),
)
