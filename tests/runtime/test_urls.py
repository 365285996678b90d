"""What is secret in an address is not shown, and what leaves this machine is known."""

import pytest
from tests.support.growth import TIMES, grows_with_its_square

from workflow_runtime.urls import crosses_in_plain_text, plain_text_problem, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pw@host:1/x", "https://***@host:1/x"),
        ("https://token@host", "https://***@host"),
        ("http://:pw@proxy:3128", "http://***@proxy:3128"),
        ("http://u:p%40%2Fw@host/", "http://***@host/"),
        ("postgresql+asyncpg://app:p@ss/w?rd@db:5432/x", "postgresql+asyncpg://***@db:5432/x"),
        ("https://u:p/w@host/x", "https://***@host/x"),
        ("https://u:p#w@host/x", "https://***@host/x"),
        ("https://u:p@host/x?mail=a@b.c", "https://***@host/x?mail=a@b.c"),
        ("postgresql://h/d?user=a&password=pw&ssl=on", "postgresql://h/d?user=a&password=***&ssl=on"),
        ("https://h/x?pass%77ord=pw", "https://h/x?pass%77ord=***"),
        ("https://h/cb#access_token=pw&state=1", "https://h/cb#access_token=***&state=1"),
        ("https://h/x?sig=pw;x=1", "https://h/x?sig=***;x=1"),
        ("https://h/?to=https%3A%2F%2Fu%3Apw%40h2%2F", "https://h/?to=https://***@h2/"),
        ("https://h/?to=https%253A%252F%252Fu%253Apw%2540h2&a=1", "https://h/?to=***&a=1"),
        ("slack://T1/B1/pw/#room", "slack://***"),
        ("tgram://123:pw/456", "tgram://***"),
        ("json://user:pw@host/x", "json://***"),
        ("https://hooks.slack.com/services/T0/B0/aB3defghIJKLmnop", "https://hooks.slack.com/services/T0/B0/***"),
        ("jdbc:postgresql://u:pw@h/d", "jdbc:postgresql://***@h/d"),
        ("a 'http://u:pw@h' and <redis://:pw@r/0>", "a 'http://***@h' and <redis://***@r/0>"),
        ("http://me:p'w@h and 'http://h:80'", "http://***@h and 'http://h:80'"),
        ('https://me:"p<w`x@h/x', "https://***@h/x"),
        ("'https://h/?key=p\"w', 1", "'https://h/?key=***', 1"),
        ("http://u:my p w@h/x and a@b", "http://***@h/x and a@b"),
        ('to "postgresql://u:p"!w@h/d" now', 'to "postgresql://***@h/d" now'),
        ("postgresql://u:#?pw@h1:1,h2:2/d", "postgresql://***@h1:1,h2:2/d"),
        ("postgresql://u:12/pw@h/d?x=a@b", "postgresql://***@h/d?x=a@b"),
        ("redis://:1?2#pw@h:6379/0", "redis://***@h:6379/0"),
        ("https://h/a;jsessionid=pw/b?x=1", "https://h/a;jsessionid=***/b?x=1"),
        ("mssql+pyodbc:///?odbc_connect=UID%3Du%3BPWD%3Dpw&x=1", "mssql+pyodbc:///?odbc_connect=***&x=1"),
        ("https://h/t?client_assertion=pw&state=1", "https://h/t?client_assertion=***&state=1"),
        ("http://h:80 and http://h:81/x, a@b", "http://h:80 and http://h:81/x, a@b"),
        ("http://h:x http://h:80/ a@b", "http://h:x http://h:80/ a@b"),
        ("(http://h:80) http://[::1]:80/ a@b", "(http://h:80) http://[::1]:80/ a@b"),
        ("sqlite+aiosqlite:////home/a@b/x.db", "sqlite+aiosqlite:////home/a@b/x.db"),
        ('["http://h:80/x","a@b"]', '["http://h:80/x","a@b"]'),
        ("http://[::1]:26500/", "http://[::1]:26500/"),
        ("http://h:8081/processes/2251799813685249", "http://h:8081/processes/2251799813685249"),
        ("https://h/@scope/package?page=2", "https://h/@scope/package?page=2"),
        ("embedded://", "embedded://"),
        ("user@host, 1:2, a/b?c=d, no URL", "user@host, 1:2, a/b?c=d, no URL"),
    ],
)  # fmt: skip
def test_what_may_be_secret_in_a_url_is_not_shown(text, shown):
    assert redacted(text) == shown
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize(
    "piece",
    [
        "a://",
        "://",
        "http://u:",
        "@",
        "&a",
        "?",
        "/x",
        "http://h?a=http://",
        "%25",
        "a",
        ":x ",
        "http://a:x ",
    ],
)
def test_the_time_grows_with_the_text(piece):
    few, many = (f"http://u{piece * count}" for count in (10_000, 10_000 * TIMES))
    assert grows_with_its_square(redacted, few, many) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://zeebe",
        "http://10.0.0.1:8080",
        "http://localhost@evil.example",
        "http://evil.example\\@localhost",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.1",
        "http://0.0.0.0",
        "http://[fe80::1]",
        "http://loc\talhost",
        "socks5://proxy",
        "//localhost.example",
        "HTTP://zeebe",
    ],
)
def test_what_leaves_this_machine_in_plain_text_is_known(url):
    assert crosses_in_plain_text(url)
    assert "credentials would go over the line in plain text" in plain_text_problem(
        url, secret=True
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://zeebe",
        "HTTPS://zeebe",
        "http://localhost:8080",
        "http://LOCALHOST.",
        "http://127.0.0.1",
        "http://127.8.9.1:1/x",
        "http://[::1]:8080",
    ],
)
def test_tls_and_this_machine_are_no_plain_text(url):
    assert plain_text_problem(url, secret=True) == ""


def test_a_user_in_the_url_is_a_secret_of_its_own():
    assert plain_text_problem("http://zeebe", secret=False) == ""
    problem = plain_text_problem("http://me:hunter2@zeebe", secret=False)
    assert "WORKFLOW_ALLOW_PLAINTEXT_CREDENTIALS=true" in problem
    assert "hunter2" not in problem
