"""A real Zeebe broker for tests, without Docker: fetched by Maven, run by a Java from a wheel."""
