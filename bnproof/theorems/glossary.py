"""One glossary of symbols for every theorem: name, sort, how it is written, what it means."""

from __future__ import annotations

from ..symbolic.symbols import Symbol, Vocabulary


def _table(*symbols: Symbol) -> dict[str, Symbol]:
    table: dict[str, Symbol] = {}
    for symbol in symbols:
        if symbol.name in table:
            raise ValueError(f"the glossary defines {symbol.name} twice")
        table[symbol.name] = symbol
    return table


GLOSSARY: dict[str, Symbol] = _table(
    # sizes
    Symbol("n", "size", "n", "n", "number of values normalised together (batch × positions for a convolution)"),
    Symbol("C", "size", "C", "C", "number of channels"),
    # indices
    Symbol("i", "index", "i", "i", "a sample of the batch", over="n"),
    Symbol("j", "index", "j", "j", "a sample of the batch", over="n"),
    Symbol("k", "index", "k", "k", "a sample of the batch", over="n"),
    Symbol("l", "index", r"\ell", "ℓ", "a sample of the batch", over="n"),
    Symbol("c", "index", "c", "c", "a channel", over="C"),
    # the layer
    Symbol("z", "real", "z", "z", "pre-activations: what the layer computes before its bias", rank=1, over="n"),
    Symbol("b", "real", "b", "b", "the bias in question"),
    Symbol("gamma", "real", r"\gamma", "γ", "scale of the normalisation"),
    Symbol("beta", "real", r"\beta", "β", "shift of the normalisation"),
    Symbol("eps", "nonnegative", r"\varepsilon", "ε", "the small constant under the root; the text says where it must be > 0"),
    Symbol("g", "real", "g", "g", "derivative of the loss with respect to each output", rank=1, over="n"),
    Symbol("H", "real", "H", "H", "second derivatives of the loss with respect to pairs of outputs", rank=2, over="n"),
    # activation pattern
    Symbol("chi", "indicator", r"\chi", "χ", "1 where a unit is active, 0 where it is not", rank=1, over="n"),
    Symbol("m", "count", "m", "m", "how many units are active", of="chi"),
    Symbol("a", "real", "a", "a", "slope of a leaky ReLU for negative inputs"),
    Symbol("f", "real", "f", "f", "activations: values of a pointwise function at the pre-activations", rank=1, over="n"),
    Symbol("d", "real", "d", "d", "slopes: derivatives of that function at the pre-activations", rank=1, over="n"),
    Symbol("p", "real", "p", "p", "the common value of all active pre-activations, before b is added"),
    Symbol("q", "real", "q", "q", "the common value of all inactive pre-activations, before b is added"),
    # training: the layer's inputs and weights, steps of gradient descent
    Symbol("F", "size", "F", "F", "number of input features of the layer"),
    Symbol("u", "index", "u", "u", "an input feature", over="F"),
    Symbol("x", "real", "x", "x", "inputs of the layer: feature, sample", rank=2),
    Symbol("W", "real", "W", "W", "weights of one output channel, one for each input feature", rank=1, over="F"),
    Symbol("eta", "positive", r"\eta", "η", "learning rate"),
    Symbol("rho", "real", r"\rho", "ρ", "how much of the velocity heavy-ball momentum keeps; 0 for plain descent"),
    Symbol("t", "integer", "t", "t", "number of steps taken"),
    Symbol("b0", "real", "b_0", "b₀", "the bias before the first step"),
    Symbol("gap", "real", r"\Delta", "Δ", "by how much one parameter differs between two runs"),
    Symbol("gap_vel", "real", r"\Delta^{\nu}", "Δ^ν", "by how much that parameter's velocity differs between two runs"),
    Symbol("vel", "real", r"\nu", "ν", "velocity: what heavy-ball momentum has gathered from earlier gradients"),
    Symbol("G", "real", "G", "G", "the gradient that a program computes for one parameter"),
    Symbol("root1", "real", "r_1", "r₁", "a root of the polynomial that momentum and weight decay define"),
    Symbol("root2", "real", "r_2", "r₂", "its other root"),
    Symbol("rho1", "nonnegative", r"\rho_1", "ρ₁", "share of the mean of gradients that Adam keeps (its β₁)"),
    Symbol("rho2", "nonnegative", r"\rho_2", "ρ₂", "share of the mean of squared gradients that Adam keeps (its β₂)"),
    Symbol("moment1", "real", r"\nu_1", "ν₁", "Adam's running mean of the gradient"),
    Symbol("moment2", "real", r"\nu_2", "ν₂", "Adam's running mean of the squared gradient"),
    Symbol("correct1", "positive", r"\kappa", "κ", "what AdamW divides the first mean by, one number a step: 1 − ρ₁^t", rank=1),
    Symbol("correct2", "positive", r"\kappa'", "κ′", "what AdamW divides the second mean by: 1 − ρ₂^t", rank=1),
    Symbol("eps_adam", "positive", r"\hat\varepsilon", "ε̂", "the small constant that Adam adds to a root before it divides"),
    # stored statistics and folding
    Symbol("M", "real", "M", "M", "the stored mean: running_mean, moving_mean"),
    Symbol("M0", "real", "M_0", "M₀", "the stored mean before the first update"),
    Symbol("V", "nonnegative", "V", "V", "the stored variance: running_var, moving_variance"),
    Symbol("alpha", "real", r"\alpha", "α", "share of the new batch in a running mean (PyTorch's momentum)"),
    Symbol("step", "index", "r", "r", "a step of the training"),
    Symbol("means", "real", r"\mu", "μ", "batch means of the layer without its bias, one for each step", rank=1),
    Symbol("gap_mean", "real", r"\Delta^{M}", "Δ^M", "running mean with the bias minus the one without"),
    Symbol("err", "real", "E", "E", "running mean with the bias, minus the one without, minus the present bias"),
    Symbol("err0", "real", "E_0", "E₀", "that excess before the first step"),
    Symbol("lam", "real", r"\lambda", "λ", "weight decay"),
    Symbol("eps_fold", "positive", r"\varepsilon'", "ε′", "the small constant that a fold used by mistake"),
    Symbol("surplus", "positive", r"\delta", "δ", "by how much the network's ε exceeds the ε′ of the fold"),
    Symbol("h", "real", "h", "h", "any number: a value that enters the normalisation, or a factor"),
    Symbol("theta", "real", r"\theta", "θ", "share of the first of two values in a weighted mean"),
    Symbol("omega", "real", r"\omega", "ω", "the weight of a layer that has a single input"),
    Symbol("tau", "positive", r"\tau", "τ", "a positive number"),
    # what can stand in for a bias
    Symbol("beta_new", "real", r"\beta'", "β′", "the shift of the net without the bias"),
    Symbol("gamma_new", "real", r"\gamma'", "γ′", "the scale of the net without the bias"),
    Symbol("eps_new", "nonnegative", r"\varepsilon'", "ε′", "the small constant under the root in the net without the bias"),
    Symbol("W_new", "real", "W'", "W′", "the weights of the net without the bias", rank=1, over="F"),
    Symbol("W_pos", "nonnegative", "W^{+}", "W⁺", "weights of which none is negative", rank=1, over="F"),
    Symbol("x_pos", "nonnegative", "x^{+}", "x⁺", "inputs of which none is negative: feature, sample", rank=2),
    # convolutions, pooling and padding: positions, kernels, windows
    Symbol("L", "size", "L", "L", "number of positions in one row of a feature map"),
    Symbol("Lcol", "size", "L'", "L′", "number of positions in one column of a feature map"),
    Symbol("P", "size", "P", "P", "number of positions on a ring, as under circular padding", cyclic=True),
    Symbol("R", "size", "R", "R", "number of entries in a pooling window"),
    Symbol("pos", "index", "h", "h", "a position in the row", over="L"),
    Symbol("pos2", "index", "h'", "h′", "another position in the row", over="L"),
    Symbol("col", "index", r"\xi", "ξ", "a position in the column", over="Lcol"),
    Symbol("col2", "index", r"\xi'", "ξ′", "another position in the column", over="Lcol"),
    Symbol("ringpos", "index", "h", "h", "a position on the ring", over="P"),
    Symbol("place", "index", "h", "h", "a position, any integer"),
    Symbol("tap", "index", "r", "r", "the offset of a kernel entry from the output's position"),
    Symbol("tap2", "index", "r'", "r′", "the offset of an entry of a second kernel"),
    Symbol("slot", "index", "e", "e", "an entry of a pooling window", over="R"),
    Symbol("slot2", "index", "e'", "e′", "another entry of the pooling window", over="R"),
    Symbol("line", "real", "x", "x", "a feature map along one axis, position by position", rank=1),
    Symbol("lines", "real", "x", "x", "a feature map along one axis: channel, position", rank=2),
    Symbol("row", "real", "x", "x", "one row of a feature map", rank=1, over="L"),
    Symbol("ring", "real", "x", "x", "a feature map on a ring", rank=1, over="P"),
    Symbol("kernel", "real", "w", "w", "a convolution kernel: one weight for each offset", rank=1, finite=True),
    Symbol("kernel1", "real", "w^{(1)}", "w⁽¹⁾", "the kernel of the first convolution", rank=1, finite=True),
    Symbol("kernel2", "real", "w^{(2)}", "w⁽²⁾", "the kernel of the second convolution", rank=1, finite=True),
    Symbol("kernels1", "real", "w^{(1)}", "w⁽¹⁾", "first convolution: its output channel, offset", rank=2, finite=True),
    Symbol("kernels2", "real", "w^{(2)}", "w⁽²⁾", "second convolution: its input channel, offset", rank=2, finite=True),
    Symbol("w_left", "real", "w_{-}", "w₋", "kernel of length 3: the weight of the left neighbour"),
    Symbol("w_mid", "real", "w_{0}", "w₀", "kernel of length 3: the weight of the position itself"),
    Symbol("w_right", "real", "w_{+}", "w₊", "kernel of length 3: the weight of the right neighbour"),
    Symbol("b2", "real", "b^{(2)}", "b⁽²⁾", "a second bias: of the next layer, or of the other branch"),
    Symbol("biases", "real", "b", "b", "one bias for each channel", rank=1, over="C"),
    Symbol("stride1", "size", r"\sigma_1", "σ₁", "the stride of the first convolution"),
    Symbol("stride2", "size", r"\sigma_2", "σ₂", "the stride of the second convolution"),
    Symbol("window", "real", "x", "x", "a feature map cut into windows: window, entry", rank=2),
    Symbol("inside", "indicator", r"\mathrm{I}", "I", "1 where a window entry lies in the map: window, entry", rank=2),
    Symbol("blend", "real", "A", "A", "weights of a weighted average: output entry, input entry", rank=2),
    Symbol("amp", "positive", r"\sigma", "σ", "a positive factor"),
    Symbol("trunk", "real", r"\zeta", "ζ", "the other summand of a residual addition", rank=1, over="n"),
    Symbol("zc", "real", "z", "z", "pre-activations of several channels: sample, channel", rank=2),
    Symbol("added", "real", r"\psi", "ψ", "what is added to each of the values normalised together", rank=1, over="n"),
    Symbol("plane", "real", "x", "x", "a feature map: row position, column position", rank=2),
    Symbol("planes", "real", "X", "X", "a feature map of several channels: channel, row position, column position", rank=3),
    Symbol("Krow", "size", "K", "K", "number of rows of a kernel"),
    Symbol("Kcol", "size", "K'", "K′", "number of columns of a kernel"),
    Symbol("krow", "index", "r", "r", "a row of the kernel, counted from 1", over="Krow"),
    Symbol("kcol", "index", "r'", "r′", "a column of the kernel, counted from 1", over="Kcol"),
    Symbol("above", "integer", "o", "o", "which row of the kernel looks at the position itself: the one of this number"),
    Symbol("before", "integer", "o'", "o′", "which column of the kernel looks at the position itself"),
    Symbol("kernel2d", "real", "w", "w", "a kernel in two dimensions: row, column", rank=2),
    Symbol(
        "kernels2d", "real", "w", "w", "kernels in two dimensions, one for each input channel: channel, row, column", rank=3
    ),
    Symbol("rowkernel", "real", r"w^{\mathrm{R}}", "wᴿ", "the row factor of a kernel that factorises", rank=1, over="Krow"),
    Symbol("colkernel", "real", r"w^{\mathrm{C}}", "wᶜ", "the column factor of a kernel that factorises", rank=1, over="Kcol"),
    Symbol("images", "size", "N", "N", "number of images in a batch"),
    Symbol("image", "index", "q", "q", "an image of the batch", over="images"),
    Symbol("image2", "index", "q'", "q′", "another image of the batch", over="images"),
    Symbol("pixels", "real", "x", "x", "what a convolution computes without its bias, one channel: image, position", rank=2),
    # dropout
    Symbol("keep", "indicator", r"\kappa", "κ", "1 where dropout keeps a value, 0 where it drops it", rank=1, over="n"),
    Symbol("kept", "count", "K", "K", "how many values dropout keeps", of="keep"),
    Symbol("keep_rate", "positive", r"\pi", "π", "the probability with which dropout keeps a value"),
    Symbol("drop_rate", "nonnegative", "p", "p", "the probability with which dropout sets a value to 0"),
    # other normalisations, attention
    Symbol("J", "size", "J", "J", "number of channels in one group"),
    Symbol("Fkey", "size", "Q", "Q", "number of features of a query or a key"),
    Symbol("T", "size", "T", "T", "number of keys that a query attends to"),
    Symbol("c2", "index", "c'", "c′", "another channel", over="C"),
    Symbol("chan", "index", "c", "c", "a channel of the group", over="J"),
    Symbol("chan2", "index", "c'", "c′", "another channel of the group", over="J"),
    Symbol("feat", "index", r"\phi", "φ", "a feature of a query or a key", over="Fkey"),
    Symbol("jkey", "index", "j", "j", "a key", over="T"),
    Symbol("kkey", "index", "j'", "j′", "another key", over="T"),
    Symbol("u2", "index", "u'", "u′", "another input feature", over="F"),
    Symbol("zch", "real", "x", "x", "pre-activations of one sample, one for each channel", rank=1, over="C"),
    Symbol("zgroup", "real", "x", "x", "pre-activations of one group of one sample: channel, position", rank=2),
    Symbol("gbias", "real", "b", "b", "one bias for each channel of the group", rank=1, over="J"),
    Symbol("query", "real", "q", "q", "a query", rank=1, over="Fkey"),
    Symbol("key", "real", "k", "k", "keys without their bias: key, feature", rank=2),
    Symbol("kbias", "real", "b", "b", "the bias of the key projection, one number for each feature", rank=1, over="Fkey"),
    # several devices
    Symbol("onfirst", "indicator", r"\theta", "θ", "1 for a sample on the first device, else 0", rank=1, over="n"),
    Symbol("nfirst", "count", "n_1", "n₁", "how many samples lie on the first device", of="onfirst"),
    # a softmax head
    Symbol("K", "size", "K", "K", "number of classes"),
    Symbol("cls", "index", "r", "r", "a class", over="K"),
    Symbol("cls2", "index", "r'", "r′", "another class", over="K"),
    Symbol("cls3", "index", "q", "q", "any class, in a sum over all of them", over="K"),
    Symbol("o", "real", "o", "o", "what the last layer computes before its biases, one for each class", rank=1, over="K"),
    Symbol("class_biases", "real", "b", "b", "biases of the last layer, one for each class", rank=1, over="K"),
    Symbol("change", "real", "c", "c", "a change of the biases of the last layer, one for each class", rank=1, over="K"),
    Symbol("common", "real", "t", "t", "a number added to several values alike"),
    Symbol("class_counts", "positive", "N", "N", "how many samples carry each class; all classes occur", rank=1, over="K"),
    # batch renormalisation
    Symbol(
        "renorm_scale",
        "real",
        "r",
        "r",
        "the factor that batch renormalisation applies and holds constant in the backward pass",
    ),
    Symbol(
        "renorm_shift", "real", "d", "d", "the shift that batch renormalisation applies and holds constant in the backward pass"
    ),
    # layers that follow one another
    Symbol("hidden_weights", "real", "W^{(1)}", "W⁽¹⁾", "weights of the first of two layers: unit, input feature", rank=2),
    Symbol(
        "hidden_biases", "real", "b^{(1)}", "b⁽¹⁾", "biases of the first of two layers, one for each unit", rank=1, over="C"
    ),
    Symbol("next_weights", "real", "W^{(2)}", "W⁽²⁾", "weights of the layer that follows, one for each unit", rank=1, over="C"),
    Symbol("next_bias", "real", "b^{(2)}", "b⁽²⁾", "the bias of the layer that follows"),
    Symbol("move", "real", "d", "d", "a change of a layer's additive parameters, one for each unit", rank=1, over="C"),
    Symbol("betas", "real", r"\beta", "β", "the shifts of a normalisation, one for each unit", rank=1, over="C"),
    Symbol(
        "scaled", "real", "h", "h", "what a normalisation computes before it adds its shifts, unit by unit", rank=1, over="C"
    ),
    Symbol("unit_keep", "indicator", r"\kappa", "κ", "1 where dropout keeps a unit, 0 where it drops it", rank=1, over="C"),
    Symbol("entries", "real", "q", "q", "any numbers, one for each sample", rank=1, over="n"),
    Symbol("weight_grad", "real", "G", "G", "derivative of the loss with respect to each weight", rank=1, over="F"),
    Symbol("odds", "positive", "e", "e", "exponentials of the class biases", rank=1, over="K"),
    # floating point
    Symbol("unit", "positive", "u", "u", "unit round-off: the largest relative error of one operation"),
    Symbol(
        "cot",
        "real",
        "c",
        "c",
        "derivatives of the loss by the centred values, as the backward pass computed them",
        rank=1,
        over="n",
    ),
    Symbol("cot2", "real", "c'", "c′", "the same derivatives, as they were rounded for the mean", rank=1, over="n"),
    Symbol("mean_off", "real", "e", "e", "how far a computed mean is off"),
    Symbol("rounded", "real", "r", "r", "rounding errors of the differences, one for each sample", rank=1, over="n"),
    Symbol("sum_off", "real", "e'", "e′", "how far the last sum is off"),
    Symbol("spare", "nonnegative", "t", "t", "what is left of a bound"),
    Symbol("spare2", "nonnegative", "t'", "t′", "what is left of another bound"),
    Symbol("spares", "nonnegative", "t", "t", "what is left of several bounds, one number for each", rank=1),
    Symbol("adds", "size", "N", "N", "how many additions a sum is computed by"),
    Symbol("addition", "index", "a", "a", "one of these additions", over="adds"),
    Symbol("under", "indicator", r"\mathrm{I}", "I", "1 where a term takes part in an addition: addition, term", rank=2),
    Symbol("rel", "real", r"\delta", "δ", "a relative rounding error"),
    Symbol("rel2", "real", r"\delta'", "δ′", "another relative rounding error"),
    Symbol("limit", "positive", r"\rho", "ρ", "the absolute value that these relative errors do not reach"),
)

PLAIN = Vocabulary(GLOSSARY, {})
"""The glossary alone: for prose that belongs to no theorem."""
