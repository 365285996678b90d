"""What can fail to fit between diagrams and code, a file for each kind of thing."""
