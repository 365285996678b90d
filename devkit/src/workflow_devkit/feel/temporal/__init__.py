"""Dates, times and durations, and the calendar and time zones below them."""
