"""The kinds of model, their networks, observation models, losses and weight files."""
