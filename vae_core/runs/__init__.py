"""A run is a folder: its files, what they must hold, and where all the runs lie. Without torch."""
