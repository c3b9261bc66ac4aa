"""Runs as folders: their files, the checks of these, and the list of all runs. No torch is needed."""
