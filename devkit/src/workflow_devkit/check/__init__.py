"""Whether a service's diagrams and its code still fit each other.

`service_model` says what has to be known of the code, and `read_service` reads it from handlers and
sources without running anything. `diagram_facts` says what has to be known of the diagrams. The
rules in `rules` look at both, and `compare` lists what they find.
"""
