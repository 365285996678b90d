"""Where a test runs handlers and processes."""
