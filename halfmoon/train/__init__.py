"""The Train page: its form, and the training that is followed."""
