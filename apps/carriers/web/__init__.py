"""Pages of carrier accounts."""
