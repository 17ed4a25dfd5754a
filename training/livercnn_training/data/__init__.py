"""Cases on disk, and the packed file that carries them to a training machine."""
