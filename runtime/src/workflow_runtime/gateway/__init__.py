"""The seam between the runtime and whatever runs the processes."""
