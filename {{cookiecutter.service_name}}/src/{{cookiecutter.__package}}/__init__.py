"""{{ cookiecutter.service_name }}: handlers and events of the process {{ cookiecutter.__process_id }}."""
