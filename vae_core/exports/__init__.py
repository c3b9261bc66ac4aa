"""Exports: decoders as plain arrays, and runs reduced for shipping."""
