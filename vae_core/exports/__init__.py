"""What leaves the package: decoders as plain arrays, runs as the shipped ones are."""
