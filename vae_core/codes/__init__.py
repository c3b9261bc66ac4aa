"""Codes: how they are made, how the space around them is measured, and the paths between them."""
