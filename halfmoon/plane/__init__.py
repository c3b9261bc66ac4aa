"""The Plane page: the planes and what the server answers about a code."""
