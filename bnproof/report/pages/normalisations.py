"""All normalisations in one table: what each one does to a bias added right before it."""

from __future__ import annotations

from dataclasses import dataclass

from ...theorems import registry
from ...theorems.glossary import PLAIN
from ..document import Document, Heading, Link, Navigation, Paragraph, Table, text
from ..prose import prose


@dataclass(frozen=True)
class Entry:
    """One normalisation: which part of a per-channel bias before it disappears, which stays, and the proof."""

    name: str
    removes: str
    keeps: str
    theorem: str


ENTRIES: tuple[Entry, ...] = (
    Entry("BatchNorm, batch statistics", "all of it", "nothing", "bias_cancels_of_batch_statistics"),
    Entry("BatchNorm, stored statistics (eval, frozen)", "nothing", "all of it", "eval_output_moves_of_stored_statistics"),
    Entry(
        "Batch renormalisation, not clipped",
        "nothing",
        "all of it, though its computed gradient is 0",
        "gradient_zero_yet_output_moves_of_batch_renorm",
    ),
    Entry(
        "SyncBatchNorm",
        "all of it, over all devices together",
        "nothing",
        "bias_gradients_sum_to_zero_of_synchronised_statistics",
    ),
    Entry(
        "LayerNorm over channels",
        "its mean over the channels",
        "every deviation from that mean",
        "layernorm_removes_mean_of_channel_bias",
    ),
    Entry(
        "GroupNorm",
        "its mean over each group",
        "deviations within a group",
        "groupnorm_removes_group_mean_of_channel_bias",
    ),
    Entry("InstanceNorm", "all of it", "nothing", "instancenorm_removes_channel_bias"),
    Entry("RMSNorm", "nothing", "all of it", "rmsnorm_keeps_bias"),
    Entry(
        "Softmax over keys",
        "a key bias (not under rotary embeddings or a key normalisation)",
        "nothing",
        "softmax_removes_key_bias",
    ),
    Entry("Weight standardisation of the layer itself", "nothing", "all of it", "standardised_weights_keep_bias"),
)


def normalisations() -> Document:
    """The table as a page."""
    rows = tuple(
        (
            text(entry.name),
            prose(entry.removes, PLAIN),
            prose(entry.keeps, PLAIN),
            (Link(registry.theorem(entry.theorem).title, entry.theorem),),
        )
        for entry in ENTRIES
    )
    return Document(
        "normalisations",
        (
            Heading(1, text("All normalisations in one table")),
            Paragraph(
                text(
                    "A layer adds one bias to each channel, and the normalisation follows at once. Which part of the bias has no effect "
                    "on the output?"
                )
            ),
            Table((text("normalisation"), text("removes"), text("keeps"), text("proof")), rows),
            Navigation((Link("All theorems", "README"), Link("Glossary", "glossary"))),
        ),
    )
