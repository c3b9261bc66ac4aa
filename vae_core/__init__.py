"""Auto-encoders and their latent spaces: data, models, training, runs and measures, without any user interface.

Importing the package is cheap: a module that needs torch imports it itself, so that what only reads a run's codes
and card never waits for it.
"""

__version__ = "0.1.0"
