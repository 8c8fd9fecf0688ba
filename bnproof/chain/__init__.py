"""The layer language: ``conv -> bn -> relu`` becomes a tree of layers, then a JAX function with named parameters.

- ``tokens.py``, ``expressions.py``: text → tokens, and the values between brackets, as Python writes them;
- ``parse.py``, ``containers.py``, ``arguments.py``: tokens → `Chain`, a tree of layers, or a `ChainError` with a caret under the
  place that is wrong;
- ``layers.py``, ``signature.py``: the one table of layers with their arguments, defaults, ranges and aliases;
- ``spellings/``: what PyTorch's and Keras' words are in ours;
- ``ops/``: what each layer does, one idea a file: the shape it returns, its parameters, its computation;
- ``inputs.py``, ``shapes.py``, ``limits.py``: the input shape, every layer's name and output shape; what waited for the shapes;
- ``build.py``: `Chain` → `Built`: parameter shapes by name, ``init`` and ``apply``;
- ``examples.py``: the five sources' architectures, ``S0`` … ``S4``.

The grammar, where ``→`` is as good as ``->``, ``#`` begins a comment, and lines may be broken anywhere::

    chain     = [ variable "=" ] block [ "@" size { "x" size } ]    conv -> bn -> relu @ 4x3x32x32
    block     = layer { "->" layer }
    layer     = [ label ":" ] ( call | container )                  conv0: conv(k=3)
    call      = word [ "(" [ argument { "," argument } [ "," ] ] ")" ]
              | word "(" block { ";" block } ")"                    residual(conv -> bn), add(…; …), concat(…; …)
    argument  = [ name "=" ] value                                  conv(16, k=(3,5), pad="same", bias=no)
    container = "Sequential" "(" layers ")"                         as PyTorch and Keras write it, and as PyTorch prints it

**Whose words.** A word in lower case is ours, and so is one that neither framework has, in any case (``Conv -> BN -> ReLU``).
A word that PyTorch or Keras has, as it is written there, is that framework's layer with its signature and its defaults: ``Conv2d``
and ``nn.Conv2d`` pad nothing, ``Conv2D`` and ``layers.Conv2D`` neither, ``BatchNormalization`` has ε = 1e-3. A word that both have
(``Dropout``, ``ReLU``, ``Flatten``) follows the chain's other words; ours, if none decides. Without brackets a framework's layer has
free sizes; with brackets, what its signature does not allow is refused. A name in the place of a size (``f_in``, ``2*f``) stands for a
size that fits, everywhere the same. What our layers cannot express exactly is refused in words.

**Our words.** A value without a name goes to the layer's leading arguments; the name of a yes/no argument alone means yes.
``residual(f)`` is x + f(x), ``add(f; g)`` is f(x) + g(x), ``concat(f; g)`` joins f(x) and g(x) along the channels; ``identity``
stands for a branch that does nothing. conv is two-dimensional; depthwise, the pools, upsample, the norms and attention take
any number of axes of positions. All defaults stand in ``layers.py``; where fields differ they are PyTorch's, the padding
excepted: pad=zeros, circular, reflect and replicate add (k−1)·dilation//2 on both sides, so an odd k keeps the size.

**Input.** Arrays are channels-first: batch × channels × positions. After ``@`` the batch may be left out where the first layer that is
particular about it says how many axes there are, and a single size is the features: a batch of 4 is put before it. Keras' ``Input``
has the channels last and no batch. Without either the input is 4×3×8×8; 4×8 where the first layer is linear, 4×3×8 for conv1d,
4×3×8×8×8 for conv3d and 4×8×6 for attention; in a block, its first layer counts. The channels are those that the first layer says it
takes, and the positions grow, up to 512 along each axis, until the network fits (`inputs.MORE_POSITIONS`).

**Names.** Parameters are named by layer: the asker's label (``conv0.bias``), the path in a container (``features.3.bias``), Keras' own
names in its Sequential, else our word and its count in reading order: ``conv1.kernel``, ``bn2.beta``, ``attention1.q.bias``; statistics
are ``bn1.running_mean`` and ``bn1.running_var``. Two layers of one name are refused. Kernels are laid out as in PyTorch: conv
out × in/groups × k × k, convtranspose in × out/groups × k × k, linear and attention out × in.

**What was read.** ``build(text).chain`` is *settled*: in our words throughout, with the layers that were put in (the flatten before a
Linear), the sizes that were free, and the input's full shape. ``str`` of it is the shortest text that reads as the same network;
`Chain.filled` names the defaults that decide too (sizes, kernels, padding), for the line “read as: …” of an answer; `Chain.notes` are
what was read into the text and why, as data. Of every layer, `Layer.spelling` and `Layer.constructor` say whose word it is and which
word stands in the text, so that advice can be given in the asker's framework.

**Limits.** A chain has at most `parse.MOST_LAYERS` layers, brackets and blocks nest at most `expressions.DEEPEST` deep, and a convolution
sees at most `limits.MOST_ALONG` positions along one axis, padding included: what is beyond is refused at once.
"""
