"""The kinds of model, their networks, their losses and their files."""
