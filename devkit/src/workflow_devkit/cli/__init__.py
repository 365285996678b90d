"""The developer's verbs of ``workflow``: an engine on this machine, checks, generated code.

Each is a function that the entry points of the group ``workflow_runtime.verbs`` name.
"""
