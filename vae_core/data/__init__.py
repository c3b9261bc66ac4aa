"""Data sets, and pictures of one's own read in the same format."""
