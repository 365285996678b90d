"""From a syntax tree to closures that evaluate it."""
