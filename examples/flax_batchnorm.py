"""A Flax module: a convolution straight into batch normalisation, in training."""

import flax.linen as nn


class Block(nn.Module):
    """Shapes: x (batch, height, width, channels)."""

    @nn.compact
    def __call__(self, x):
        """One block."""
        x = nn.Conv(8, (3, 3))(x)
        x = nn.BatchNorm(use_running_average=False)(x)
        return nn.relu(x)
