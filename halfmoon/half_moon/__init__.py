"""The Half moon page."""
