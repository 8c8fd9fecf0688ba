"""The explorable "Drag the bias": one HTML file in which a reader moves samples and bias and sees what normalisation keeps of them."""

from .page import explorable

__all__ = ["explorable"]
