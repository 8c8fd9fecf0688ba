"""The five sources whose claims are judged, by the name the project uses for them."""

from __future__ import annotations

SOURCES: dict[str, str] = {
    "S0": "Conv→ReLU→BN against Conv→BN→ReLU (question and answer thread)",
    "S1": "“Remove the bias, a normalisation follows” (a linter's message) and folding",
    "S2": "TF-slim drops the bias when a normaliser is given",
    "S3": "a Linear→ReLU→BatchNorm1d→Dropout→Linear head on an EfficientNet",
    "S4": "“use bias=False before BatchNorm”, from a list of common mistakes",
}
