"""Moons that we draw ourselves: a data set whose every factor is known."""
