"""Runs the service: ``python -m {{ cookiecutter.__package }}``."""

from {{ cookiecutter.__package }}.main import main

if __name__ == "__main__":
    main()
