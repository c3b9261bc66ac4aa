"""A model so small, and a training so short, that a test takes no time: 60 steps of 8 × 8 digits."""

from __future__ import annotations

from vae_core.configs import DataConfig, ModelConfig, NetworkConfig, TrainingConfig

SMALL = NetworkConfig(widths=(16,))
MODEL = ModelConfig(encoder=SMALL, decoder=SMALL)
TRAINING = TrainingConfig(data=DataConfig(name="digits"), threads=1, steps=60, learning_rate=5e-3)
