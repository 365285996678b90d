"""{{ cookiecutter.service_name }}: its handlers, its events, its settings."""
