"""What several pages show: titles, the box to choose a run, downloads, errors, language."""
