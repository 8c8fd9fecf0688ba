"""What S4 says, judged: an item of a list of common mistakes."""

from __future__ import annotations

from ...chain.examples import EXAMPLES
from .chains import BN_FIRST, RELU_FIRST
from .claim import Claim, Decided
from .measured import measured

_WITH, _WITHOUT = (measured("relu_bias_training", "training images", column) for column in ("with the bias", "without"))
_POSTED, _VALID = EXAMPLES["S4"].chain, EXAMPLES["S4"].variants["valid"]

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "S4.a",
        "A bias before BN is spurious but harmless.",
        "true if",
        "training is by SGD without weight decay, and with batch statistics. Weight decay lets it fade (learning rate 0.1, "
        "decay 0.01: after 1000 steps 0.37 of it is left, with momentum 0.9 only 1.6e-5), and evaluation sees that until the "
        "running mean has caught up; Adam blows up the round-off of its gradient; with frozen statistics it is a real "
        "parameter.",
        theorems=(
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "redundant_bias_decays_of_weight_decay",
            "redundant_bias_decays_of_heavy_ball",
            "redundant_bias_decays_of_decoupled_decay",
            "bias_gradient_vanishes_of_batch_statistics",
            "eval_output_moves_of_stored_statistics",
        ),
        experiments=("weight_decay", "adam_on_dead_bias", "frozen_batchnorm"),
        chains=(BN_FIRST,),
    ),
    Claim(
        "S4.b",
        "The output layer must keep its bias.",
        "true if",
        "nothing before the layer shifts its input. None of its own weights can produce what the bias produces at the input "
        "0; a {beta} before it, with only linear layers between, may.",
        theorems=("output_bias_acts_of_linear_output", "beta_absorbs_into_next_bias_of_inactive_dropout"),
    ),
    Claim(
        "S4.c",
        "Two biases on one channel are redundant or in conflict.",
        "imprecise",
        "Half of it is false: never in conflict. In training {b} is redundant on its own; in evaluation {b} and {beta} have one "
        "direction too many between them, for what is added to one can be taken from the other.",
        theorems=("beta_absorbs_bias_of_batchnorm", "chained_linear_layers_are_one_of_no_activation"),
    ),
    Claim(
        "S4.d",
        "With BN momentum 0 the convolution has trainable parameters without a useful gradient.",
        "imprecise",
        "The bias has none, whatever the momentum, and the other gradients are those without a bias. The momentum decides "
        "what evaluation subtracts. In PyTorch momentum 0 is {alpha == 0}: the running mean never moves, and all of the bias "
        "is missing in it. In Keras and Flax it is {alpha == 1}: the running mean is that of the last batch, with nothing "
        "missing after one update.",
        theorems=(
            "bias_gradient_vanishes_of_batch_statistics",
            "other_gradients_ignore_bias_of_batch_statistics",
            "running_mean_tracks_bias",
        ),
    ),
    Claim(
        "S4.e",
        "BatchNorm2d is a linear operation.",
        "false",
        "With stored statistics it is affine, linear only if its offset is 0; with batch statistics it is not even affine.",
        theorems=("batchnorm_not_affine_of_batch_statistics", "batchnorm_affine_of_stored_statistics"),
    ),
    Claim(
        "S4.f",
        "In Conv→Conv→BN only the last convolution's bias is affected.",
        "imprecise",
        "The padding of the last convolution decides: without zero padding the first bias cancels as well, with it the first "
        "bias enters through the border.",
        theorems=(
            "first_bias_survives_of_zero_padding_in_two_dimensions",
            "border_taps_form_a_product_of_two_dimensions",
            "first_bias_cancels_of_borderless_second_convolution",
        ),
        experiments=("border_effect",),
        chains=(
            Decided("conv -> conv -> bn", "conv1.bias", train="acts"),
            Decided("conv -> conv -> bn", "conv2.bias", train="redundant"),
            Decided("conv -> conv(pad=valid) -> bn", "conv1.bias", train="redundant"),
            Decided("conv -> conv(pad=circular) -> bn", "conv1.bias", train="redundant"),
        ),
    ),
    Claim(
        "S4.g",
        "Turning off every convolution's bias does no harm in practice.",
        "true if",
        "every convolution leads to batch normalisation with batch statistics through layers that carry a constant along: in our "
        "experiment two training runs, with and without such biases, then differ by what round-off makes of them. A bias before "
        "ReLU→BN acts, and no {gamma}, {beta} or weights replace it; in our experiment the final training loss is "
        f"{_WITH} with it and {_WITHOUT} without. Before a zero-padded convolution it acts as well, and before LayerNorm, GroupNorm or "
        "RMSNorm so does all of it but a mean at most.",
        theorems=(
            "sgd_trajectory_ignores_bias_of_batch_statistics",
            "affine_cannot_replace_bias_of_relu_before_batchnorm",
            "weights_cannot_replace_bias_of_relu_before_batchnorm",
            "first_bias_survives_of_zero_padding_in_two_dimensions",
            "layernorm_removes_mean_of_channel_bias",
            "groupnorm_removes_group_mean_of_channel_bias",
            "rmsnorm_keeps_bias",
        ),
        experiments=("sgd_trajectory", "relu_bias_training"),
        chains=(
            BN_FIRST,
            RELU_FIRST,
            Decided("conv -> conv -> bn", "conv1.bias", train="acts"),
            *(Decided(f"conv -> {norm}", "conv1.bias", train="acts") for norm in ("ln", "gn(2)", "rms")),
        ),
    ),
    Claim(
        "S4.h",
        "Several linear operations can always be combined into one.",
        "imprecise",
        "Affine maps do compose into one affine map, convolutions with zero padding included. But two convolutions with zero "
        "padding between them are not always one convolution: at the input 0 a convolution gives one value everywhere, and "
        "there the first bias arrives unevenly. Without padding they are one. And in training BN is not affine.",
        theorems=(
            "convolutions_compose_of_valid_padding",
            "first_bias_survives_of_zero_padding_in_two_dimensions",
            "batchnorm_not_affine_of_batch_statistics",
            "chained_linear_layers_are_one_of_no_activation",
        ),
    ),
    Claim(
        "S4.i",
        "A redundant bias costs unnecessary computation.",
        "open",
        "How much time it costs is not measured yet. It is one addition for each of the layer's outputs, and in the backward "
        "pass a sum over them for each channel.",
    ),
    Claim(
        "S4.j",
        "In the posted code, which layers get `bias=False`: all, or only the one before BN?",
        "answer",
        "Only the one before BN: `conv1_e1 = nn.Conv2d(conv_out_size, conv_out_size, kernel_size=3, padding=1, bias=False)`. "
        "It pads with zeros, so that the bias of the other enters through the border and acts: `conv0_e1 = nn.Conv2d(f_in, "
        "conv_out_size, kernel_size=3, padding=1)` keeps it. With `padding=0` in `conv1_e1` both get `bias=False`.",
        theorems=(
            "first_bias_survives_of_zero_padding_in_two_dimensions",
            "first_bias_cancels_of_borderless_second_convolution",
            "bias_cancels_of_batch_statistics",
        ),
        chains=(
            Decided(_POSTED, "conv0_e1.bias", train="acts", eval="acts", called="as posted"),
            Decided(_POSTED, "conv1_e1.bias", train="redundant", eval="acts", called="as posted"),
            Decided(_VALID, "conv0_e1.bias", train="redundant", eval="acts", called="with padding=0 in conv1_e1"),
            Decided(_VALID, "conv1_e1.bias", train="redundant", eval="acts", called="with padding=0 in conv1_e1"),
        ),
    ),
    Claim(
        "S4.k",
        "A forgotten output bias does not fail silently either: it is merely spurious.",
        "false",
        "That is so of a bias too many before BN. A missing output bias narrows what the model can compute, and nothing "
        "reports it: without it a linear layer's output at the input 0 is 0, whatever the weights.",
        theorems=("output_bias_acts_of_linear_output", "bias_cancels_of_batch_statistics"),
        chains=(Decided("linear -> relu -> linear", "linear2.bias", train="acts", eval="acts"),),
    ),
    Claim(
        "S4.l",
        "BN is linear, therefore the bias before it is redundant.",
        "false",
        "Where BN is affine, in evaluation, the bias acts; where the bias is redundant, in training, BN is not affine. What "
        "makes it redundant is that the mean is subtracted.",
        theorems=(
            "batchnorm_not_affine_of_batch_statistics",
            "eval_output_moves_of_stored_statistics",
            "bias_cancels_of_batch_statistics",
        ),
        chains=(BN_FIRST,),
    ),
    Claim(
        "S4.m",
        "The list's other items: overfit one batch first; toggle train and eval mode; zero the gradients; hand logits to the "
        "loss; view does not permute.",
        "open",
        "The mode decides every verdict here: before BN a bias is redundant in train mode and acts in eval mode. Overfitting "
        "one batch: out of scope. Zeroing gradients: out of scope. Logits: out of scope. View and permute: out of scope.",
        theorems=("bias_cancels_of_batch_statistics", "eval_output_moves_of_stored_statistics"),
        chains=(BN_FIRST,),
    ),
)
