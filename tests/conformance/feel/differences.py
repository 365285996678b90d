"""Where we differ from the real engine on purpose; docs/reference/feel.md says more."""

LENIENT = "the DMN standard has it; the real engine's parser refuses it"
SUM = "a warning about adding to a boolean instead of a syntax error"
SPACES = "more than one space, or a line break, between the words of a function's name"
SLIP = "a slip of the real engine"
ONCE = "the real engine evaluates it twice, and warns twice"
WORDS = "the real engine's warning shows its own syntax tree"
REGEX = "another regex engine, one that can be stopped"

DIFFERENCES: dict[str, str] = {
    "{f: function() 1}.f()": LENIENT,
    "(function(x) x)(1)": LENIENT,
    "1 in (1) + 2": SUM,
    'date and  time("2024-01-01T10:00:00")': SPACES,
    'date  and time("2024-01-01T10:00:00")': SPACES,
    "list  contains([1],1)": SPACES,
    'string  length("a")': SPACES,
    'string\nlength("a")': SPACES,
    "get  or else(null, 1)": SPACES,
    "finished by(range: [5..10], point: 10)": SLIP,
    "finished by(point: 10, range: [5..10])": SLIP,
    "(function(x,y) x < y) in null": SLIP,
    "[1,2,3][item between 2 and 3]": ONCE,
    'before([1..5], ["a".."b"])': WORDS,
    'matches("Aa", "\\p{Lu}\\p{javaLowerCase}")': REGEX,
}
