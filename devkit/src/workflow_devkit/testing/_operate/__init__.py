"""The parts of the double of Operate: what it knows, who is logged in, and its pages."""
