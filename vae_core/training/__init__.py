"""Training as a generator of steps, and the run that it writes."""
