"""What a fused reduction is fed with, as far as it may decide how it is carried out: products, and along which axes factors vary.

A library that is to add up products of a full array and one that is the same along the axes kept may take them for a product of a
matrix and a vector. Which products there are in a fusion, and along which axes of the reduction's operand each factor varies, is read
here; a factor that is moved in a way which is not followed makes all of it unknown.
"""

from __future__ import annotations

from .hlo import Computation, Instruction

Axes = frozenset[int]
Products = frozenset[tuple[Axes, Axes]]
"""Of each product of the operand's shape: the axes along which its first and its second factor vary."""
_PRODUCTS = ("multiply", "divide")
_RESHAPED = ("bitcast", "reshape", "copy", "transpose")


def products_fed(computation: Computation, reduction: Instruction, operand: str) -> Products | None:
    """The products in a reduction's fusion; None if not all of them are understood."""
    shape = computation.instructions[operand].arrays[0].shape
    known: dict[str, Axes | None] = {}

    def varies(name: str) -> Axes | None:
        """The axes along which a value varies, of its own shape."""
        if name not in known:
            known[name] = _varies(computation.instructions[name])
        return known[name]

    def _varies(step: Instruction) -> Axes | None:
        own = step.arrays[0].shape
        every = frozenset(axis for axis, size in enumerate(own) if size > 1)
        if step.opcode in ("parameter", "constant", "iota"):
            return every
        inputs = [varies(name) for name in step.operands]
        if step.opcode == "broadcast":
            (inner,) = inputs
            dimensions = step.numbers("dimensions")
            return None if inner is None else frozenset(dimensions[axis] for axis in inner if own[dimensions[axis]] > 1)
        shapes = [computation.instructions[name].arrays[0].shape for name in step.operands]
        if step.opcode in _RESHAPED and (step.opcode == "transpose" or shapes[0] != own):
            before = shapes[0]
            whole = inputs[0] == frozenset(axis for axis, size in enumerate(before) if size > 1)
            return every if whole else None
        union = frozenset[int]()
        for inner, of in zip(inputs, shapes, strict=True):
            if inner is None or (of and of != own):
                return None
            union |= inner
        return union

    found: set[tuple[Axes, Axes]] = set()
    for step in computation.instructions.values():
        if step is reduction or len(step.arrays) != 1:
            continue
        if step.opcode in _PRODUCTS and step.arrays[0].shape == shape:
            first, second = (varies(name) for name in step.operands)
            if first is None or second is None:
                return None
            found.add((first, second))
        elif step.opcode in _PRODUCTS and step.arrays[0].size == computation.instructions[operand].arrays[0].size:
            return None  # of the same numbers in another shape
    return frozenset(found)
