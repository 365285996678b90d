"""The pictures of the documentation, made by the project's own renderer."""
