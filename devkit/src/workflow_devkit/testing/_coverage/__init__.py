"""Coverage of diagrams: which elements and flows a test run passed."""
