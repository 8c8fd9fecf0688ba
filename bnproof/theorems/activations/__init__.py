"""An activation between the bias and the normalisation."""
