"""Group normalisation removes from a per-channel bias its mean over each group, and nothing else.

Statement: GN(x + B) = GN(x + B − B̄), B̄ the mean over the group, for every group size J and number of positions L.
"""

from __future__ import annotations

from ...symbolic.inferences import Congruence, Contrapositive, NotZero, Say, Undefined, chain, sign, witness
from ..definitions import definitions
from ..theorem import Conclusion, Hypothesis, Theorem

_UNEVEN = ("eps > 0", "var(chan, gbias[chan]) > 0")
_GAINED = "ggains[chan]*grouped(chan, pos) + gshifts[chan]"
_GAINED_BARE = "ggains[chan]*bare(chan, pos) + gshifts[chan]"

THEOREM = Theorem(
    name="groupnorm_removes_group_mean_of_channel_bias",
    title="Group normalisation removes only each group's mean of a bias",
    statement="Group normalisation centres and scales, in one sample, the {J} channels of a group at all {L} positions together: "
    "{grouped(chan, pos)}, with the bias {gbias[chan]} of each channel before it. Of the bias only its mean over the "
    "group, {gbar}, disappears: {grouped(chan, pos) == rest_gn(chan, pos)}. So a bias that is equal in all channels of the "
    "group, {gbias[chan] == b}, cancels: {grouped(chan, pos) == bare(chan, pos)}. With one channel in each group, {J == "
    "1}, as in instance normalisation, every bias does: {grouped(1, pos) == bare(1, pos)}. For {eps > 0} a bias that "
    "differs within the group, {var(chan, gbias[chan]) > 0}, moves the output, whatever the input: {grouped(chan, pos) != "
    "bare(chan, pos)} for some {chan} and {pos}. Gain and shift come after it and change nothing in this, as long as no "
    "gain is 0, {ggains[chan] != 0}: {ggains[chan]*grouped(chan, pos) + gshifts[chan] != ggains[chan]*bare(chan, pos) + "
    "gshifts[chan]} for some {chan} and {pos}.",
    hypotheses=(
        Hypothesis("With and without the bias, the variance plus {eps} is positive.",
            Undefined("With {eps == 0} and equal values there is nothing to divide by.",
                      {"J": 2, "L": 1, "zgroup": ((3,), (3,)), "gbias": (1, 1), "eps": 0}, "grouped(1, 1)"),
            formal=("spread + eps > 0", "bare_spread + eps > 0")),
    ),
    conclusions=(
        Conclusion("grouped(chan, pos) == rest_gn(chan, pos)"),
        Conclusion("grouped(chan, pos) == bare(chan, pos)", given=("gbias[chan] == b",)),
        Conclusion("grouped(1, pos) == bare(1, pos)", given=("J == 1",)),
        Conclusion("grouped(chan, pos) != bare(chan, pos)", given=_UNEVEN, some=("chan", "pos")),
        Conclusion(f"{_GAINED} != {_GAINED_BARE}", given=(*_UNEVEN, "ggains[chan] != 0"), some=("chan", "pos")),
    ),
    proof=(
        chain("mean", "The mean over the group moves by the mean of the bias.", """
          group_mean
        = mean(chan, mean(pos, zgroup[chan, pos] + gbias[chan]))  -- definition of {group_mean}
        = mean(chan, mean(pos, zgroup[chan, pos]) + gbias[chan])  -- the bias is the same at all positions
        = bare_mean + gbar                                        -- the mean of a sum is the sum of the means
        """),
        chain("centred", "So a centred value sees only the rest of the bias.", """
          centred(chan, pos)
        = bare_centred(chan, pos) + (gbias[chan] - gbar)  -- the mean moves by {gbar}
        """),
        chain("output", "The variance is built from centred values only, and so is the output.", """
          grouped(chan, pos)
        = (bare_centred(chan, pos) + (gbias[chan] - gbar))
            / sqrt(mean(chan2, mean(pos2, (bare_centred(chan2, pos2) + (gbias[chan2] - gbar))**2)) + eps)
            -- the centred value, in the numerator and in the variance
        = rest_gn(chan, pos)
            -- the rest of the bias has mean 0, so subtracting its mean changes nothing
        """),
        chain("So a bias that is equal in all channels of the group cancels.", """
          grouped(chan, pos)
        = bare(chan, pos)  -- nothing is left of {b} in the centred values
        """, given=("gbias[chan] == b",)),
        chain("One channel in each group: the mean of its bias is the bias itself, and nothing remains.", """
          grouped(1, pos)
        = bare(1, pos)  -- {gbias[1] - gbar} is 0, for {gbar} is the mean of one number
        """, given=("J == 1",)),
        Say("Now a bias that differs within the group: for {eps > 0} the outputs determine the centred values."),
        sign("room", "The mean of the squares of all outputs of the group falls short of 1 by a positive number, by which one "
             "may divide.", """
          1 - mean(chan2, mean(pos2, grouped(chan2, pos2)**2))
        = 1 - spread/(spread + eps)  -- {spread} is the mean of the squares of the centred values
        = eps/(spread + eps)         -- bring to one denominator
        > 0                          -- a positive number over a positive one
        """, given=("eps > 0",)),
        sign("room_bare", "The same without the bias.", """
          1 - mean(chan2, mean(pos2, bare(chan2, pos2)**2))
        = eps/(bare_spread + eps)  -- as before
        > 0                        -- a positive number over a positive one
        """, given=("eps > 0",)),
        chain("centred_of_outputs", "So the outputs determine the denominator, and with it the centred values.", """
          centred(chan, pos)
        = sqrt(spread + eps)*grouped(chan, pos)  -- definition of {grouped(chan, pos)}
        = sqrt(eps/(1 - mean(chan2, mean(pos2, grouped(chan2, pos2)**2))))*grouped(chan, pos)
            -- {spread + eps} is {eps} over that positive number
        """, given=("eps > 0",), since=("room",)),
        chain("difference", "With and without the bias the centred values differ by what remains of it.", """
          centred(chan, pos) - bare_centred(chan, pos)
        = gbias[chan] - gbar  -- the centred value above
        """),
        chain("bias", "So the outputs of both together determine {gbias[chan]}, up to its mean.", """
          gbias[chan]
        = centred(chan, pos) - bare_centred(chan, pos) + gbar
            -- the difference above
        = sqrt(eps/(1 - mean(chan2, mean(pos2, grouped(chan2, pos2)**2))))*grouped(chan, pos)
            - sqrt(eps/(1 - mean(chan2, mean(pos2, bare(chan2, pos2)**2))))*bare(chan, pos) + gbar
            -- the centred values by the outputs, with and without the bias
        """, given=("eps > 0",), since=("room", "room_bare")),
        chain("no_difference", "Where {bare(chan, pos)} is {grouped(chan, pos)}, the mean alone is left.", """
          gbar
        = sqrt(eps/(1 - mean(chan2, mean(pos2, grouped(chan2, pos2)**2))))*grouped(chan, pos)
            - sqrt(eps/(1 - mean(chan2, mean(pos2, grouped(chan2, pos2)**2))))*grouped(chan, pos) + gbar
            -- a difference of equal numbers is 0
        """, given=("eps > 0",), since=("room",)),
        Congruence("So equal outputs need a bias that is its mean, in every channel of the group.",
                   of=("no_difference", "bias"), inputs=("grouped(chan, pos) == bare(chan, pos)",), label="equal"),
        sign("uneven", "Now let the bias differ within the group.", """
          mean(chan, (gbar - gbias[chan])**2)
        = var(chan, gbias[chan])  -- definition of the variance
        > 0                       -- as supposed
        """, given=_UNEVEN[1:]),
        NotZero("Then it is not its mean in some channel.", of="uneven", part="gbar != gbias[chan]", label="unequal"),
        Contrapositive("So some output moves.", of="equal", but="unequal", fails="grouped(chan, pos) == bare(chan, pos)",
                       label="moves"),
        witness("A group of two channels, one position, biases 1 and −1: the output moves.",
                {"J": 2, "L": 1, "zgroup": ((0,), (0,)), "gbias": (1, -1), "eps": 3}, """
          gbar == 0
          grouped(1, 1) == 1/2
          bare(1, 1) == 0
        """),
        witness("Here {eps > 0} is needed: with {eps == 0}, biases 1 and −1 double the values 1 and −1, and the output stays.",
                {"J": 2, "L": 1, "zgroup": ((1,), (-1,)), "gbias": (1, -1), "eps": 0}, """
          grouped(1, 1) == bare(1, 1)
          grouped(2, 1) == bare(2, 1)
        """),
        chain("gained", "Gain and shift hide nothing, if no gain is 0: what enters them can be computed back.", """
          grouped(chan, pos)
        = ((ggains[chan]*grouped(chan, pos) + gshifts[chan]) - gshifts[chan])/ggains[chan]
            -- subtract the shift, divide by the gain
        """, given=("ggains[chan] != 0",)),
        chain("gained_bare", "The same without the bias.", """
          bare(chan, pos)
        = ((ggains[chan]*bare(chan, pos) + gshifts[chan]) - gshifts[chan])/ggains[chan]  -- the same two operations
        """, given=("ggains[chan] != 0",)),
        Congruence("So equal outputs after gain and shift need equal ones before.", of=("gained", "gained_bare"),
                   inputs=(f"{_GAINED} == {_GAINED_BARE}",), label="back"),
        Contrapositive("Hence some output moves after gain and shift as well.", of="back", but="moves",
                       fails=f"{_GAINED} == {_GAINED_BARE}"),
    ),
    sources=("Wu & He 2018", "mmcv issue 1267"),
    definitions=definitions(
        ("gbar", "mean(chan, gbias[chan])", r"\bar B", "B̄", "the mean of the bias over the group"),
        ("group_mean", "mean(chan, mean(pos, zgroup[chan, pos] + gbias[chan]))", r"\mu", "μ",
         "the mean of the group, with the bias"),
        ("centred(chan, pos)", "zgroup[chan, pos] + gbias[chan] - group_mean",
         r"\mathrm{centred}_{#1,#2}", "centred[#1, #2]", "a centred value of the group, with the bias"),
        ("spread", "mean(chan, mean(pos, centred(chan, pos)**2))", "v", "v", "the variance of the group, with the bias"),
        ("grouped(chan, pos)", "centred(chan, pos)/sqrt(spread + eps)", r"\mathrm{GN}_{#1,#2}(x + B)", "GN[#1, #2](x + B)",
         "group normalisation with the bias"),
        ("bare_mean", "mean(chan, mean(pos, zgroup[chan, pos]))", r"\mu_0", "μ₀", "the mean of the group, without the bias"),
        ("bare_centred(chan, pos)", "zgroup[chan, pos] - bare_mean",
         r"\mathrm{centred}^{0}_{#1,#2}", "centred⁰[#1, #2]", "a centred value of the group, without the bias"),
        ("bare_spread", "mean(chan, mean(pos, bare_centred(chan, pos)**2))", "v_0", "v₀",
         "the variance of the group, without the bias"),
        ("bare(chan, pos)", "bare_centred(chan, pos)/sqrt(bare_spread + eps)", r"\mathrm{GN}_{#1,#2}(x)", "GN[#1, #2](x)",
         "group normalisation without the bias"),
        ("rest_mean", "mean(chan, mean(pos, zgroup[chan, pos] + (gbias[chan] - gbar)))", r"\mu'", "μ′",
         "the mean of the group, with the rest of the bias"),
        ("rest_centred(chan, pos)", "zgroup[chan, pos] + (gbias[chan] - gbar) - rest_mean",
         r"\mathrm{centred}'_{#1,#2}", "centred′[#1, #2]", "a centred value of the group, with the rest of the bias"),
        ("rest_spread", "mean(chan, mean(pos, rest_centred(chan, pos)**2))", "v'", "v′",
         "the variance of the group, with the rest of the bias"),
        ("rest_gn(chan, pos)", "rest_centred(chan, pos)/sqrt(rest_spread + eps)",
         r"\mathrm{GN}_{#1,#2}(x + B - \bar B)",
         "GN[#1, #2](x + B − B̄)", "group normalisation with the rest of the bias"),
    ),
    remark="With all channels in one group the mean is a single number; with more groups, one number for each. Groups do not "
    "see one another, so one is enough for the proof. For {L == 1} this is layer normalisation of the channels of the group.",
)
