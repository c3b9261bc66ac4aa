"""The Train page: its form, and the live view of trainings."""
