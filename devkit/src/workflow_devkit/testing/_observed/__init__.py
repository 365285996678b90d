"""What a test has seen of its process instances, and how that is told: in words and in pictures."""
