"""``python -m workflow_runtime.cli`` runs the command ``workflow``."""

from workflow_runtime.cli import main

main()
