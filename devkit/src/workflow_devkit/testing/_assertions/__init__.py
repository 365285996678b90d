"""What a test says about process instances and builders."""
