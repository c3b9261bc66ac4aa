"""Data sets, and pictures of one's own read as they are."""
