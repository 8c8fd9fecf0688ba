"""Programs in exact rational numbers and enclosures: witnesses without round-off."""
