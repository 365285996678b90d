"""Adapters of the ports: replace these by the ones for your database and mail server."""
