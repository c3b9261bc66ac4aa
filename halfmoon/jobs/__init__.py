"""Trainings and measurements as processes: their queue, limits and owners."""
