"""What the instances of the chaos runs do, by their number."""

DIAGRAM = """
start start
service first job=first
boundary refused on=first error=declined
catch told message=told key==n
service second job=second retries=3
end done
end declined
start -> first -> told -> second -> done
refused -> declined
"""


def is_declined(n):
    return n % 7 == 3


def is_incident(n):
    return n % 11 == 5 and not is_declined(n)


def is_tried_again(n):
    return n % 5 == 2
