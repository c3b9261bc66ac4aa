"""Codes: encoding, standard coordinates, geometry, slices, sampling, and the paths between codes."""
