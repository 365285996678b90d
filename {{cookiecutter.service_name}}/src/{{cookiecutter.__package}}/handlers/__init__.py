"""Handlers: one small piece of work each, no decisions. All of them are safe to run twice."""
