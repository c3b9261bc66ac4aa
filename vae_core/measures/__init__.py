"""The measures of a model on a data set, and the card that holds them."""
