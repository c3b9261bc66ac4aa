"""Trainings and measurements as processes: who runs, who waits, whose they are."""
