"""Training of SlicerLiverCNN's networks, outside Slicer: data, losses, trainers, experiments, configs.

The training loop (loop.py and what it imports) needs torch and numpy alone, so that it
runs on a GPU machine with nothing else and no network: one packed file in, one folder out.
"""
