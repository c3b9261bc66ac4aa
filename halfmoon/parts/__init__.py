"""Parts that several pages share: titles, choice of a pair, downloads, errors, language."""
