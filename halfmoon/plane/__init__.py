"""The Plane page: the planes, and the server's answers about a code."""
