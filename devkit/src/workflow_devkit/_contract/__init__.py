"""What handlers and modules say about themselves, read for the contract with the diagrams."""
