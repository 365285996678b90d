"""Python written from diagrams: a module of their names, and skeletons of handlers."""
