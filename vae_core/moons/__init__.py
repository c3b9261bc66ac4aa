"""Drawn moons: a data set whose every factor is known, the fitting of moons, and the half-moon walk."""
