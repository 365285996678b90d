"""``python -m workflow_runtime.cli`` does what ``workflow`` does."""

from workflow_runtime.cli import main

main()
