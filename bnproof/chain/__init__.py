"""The layer language: ``conv -> bn -> relu`` becomes a tree of layers, then a JAX function with named parameters.

- ``parse.py``: text → `Chain`, a tree of layers, or a `ChainError` with a caret under the place that is wrong;
- ``layers.py``: the one table of layers with their arguments, defaults, ranges and aliases;
- ``ops/``: what each layer does, one idea a file: the shape it returns, its parameters, its computation;
- ``shapes.py``: the input shape, every layer's name and every layer's output shape;
- ``build.py``: `Chain` → `Built`: parameter shapes by name, ``init`` and ``apply``;
- ``examples.py``: the five sources' architectures, ``S0`` … ``S4``.

The grammar, where ``→`` is as good as ``->`` and names of layers may be written in any case::

    chain    = block [ "@" size { "x" size } ]            conv -> bn -> relu @ 4x3x32x32
    block    = layer { "->" layer }
    layer    = name [ "(" [ argument { "," argument } ] ")" ]
             | name "(" block { ";" block } ")"           residual(conv -> bn), add(…; …), concat(…; …)
    argument = [ name "=" ] value                         conv(16, k=3, bias=no)

A value without a name goes to the layer's leading arguments; the name of a yes/no argument alone means yes.
``residual(f)`` is x + f(x), ``add(f; g)`` is f(x) + g(x), ``concat(f; g)`` joins f(x) and g(x) along the channels;
``identity`` stands for a branch that does nothing. Arrays are channels-first: batch × channels × positions.

Without ``@`` the input is 4×3×8×8; 4×8 where the first layer is linear, 4×3×8 for conv1d, 4×3×8×8×8 for conv3d and
4×8×6 for attention; in a block, its first layer counts. conv is two-dimensional; depthwise, the pools, upsample, the norms
and attention take any number of axes of positions. All defaults stand in ``layers.py``; where fields differ they are
PyTorch's. pad=zeros, circular, reflect and replicate add (k−1)·dilation//2 on both sides, so an odd k keeps the size.

Parameters are named by layer and count in reading order: ``conv1.kernel``, ``bn2.beta``, ``attention1.q.bias``; statistics
are ``bn1.running_mean`` and ``bn1.running_var``. Kernels are laid out as in PyTorch: conv out × in/groups × k × k,
convtranspose in × out/groups × k × k, linear and attention out × in.
"""
