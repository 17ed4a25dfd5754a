"""Training of the standardizer: paired patches of all protocols from simulation, losses, validation."""
