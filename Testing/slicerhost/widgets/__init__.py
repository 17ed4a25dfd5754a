"""Stand-ins for the CTK and Slicer widgets that the panels use; importing ``register`` makes them known."""
