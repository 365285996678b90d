"""What is done with each service, and what is otherwise on purpose."""

from signal import SIGTERM

from tests.migration.story import Event, Post, Run, Script, Start, Story

NO_RETRIES = "JOB_NO_RETRIES"

INVOICE = {
    "supplier": "acme",
    "amount": 99.5,
    "date": "2026-01-02",
    "lines": [{"price": 10, "count": 2}, {"price": 79.5}],
    "currency": "USD",
    "type": "credit note",
    "iban": "DE1234",
    "labels": ["paper"],
    "task": "pay",
    "input": None,
}
INVOICES = (
    Run("i-plain", (Start("invoice", INVOICE),), "archived completed"),
    Run(
        "i-text",
        (Start("invoice", {"supplier": "a", "amount": "1200", "iban": "FR9876", "task": None}),),
        "approve completed",
    ),
    Run(
        "i-null",
        (Start("invoice", {"supplier": None, "currency": None, "iban": "IT0001", "task": 1}),),
        "archived completed",
        differs={"$currency": (None, "EUR")},
        why="null is no text: a parameter `currency: str = ...` gets its default",
    ),
    Run(
        "i-missing",
        (Start("invoice", {"supplier": "acme", "task": ""}),),
        "pay incident",
        differs={"pay failed": (3, 1)},
        why="no attempt brings a variable that is missing: it is an incident at once",
    ),
    Run(
        "i-lie",
        (Start("invoice", {"supplier": "a", "iban": "AT0002", "task": "", "note": 4711}),),
        "pay completed",
        differs={
            "rest": ("completed", "incident"),
            "archive completed": (1, None),
            "archived completed": (1, None),
            "archive failed": (None, 1),
            "archive incident": (None, NO_RETRIES),
        },
        why="annotations hold: 4711 is no text for `note: str`, and an incident says so",
    ),
)

SHIPPING = (
    Run(
        "s-full",
        (Start("shipment", {"customerName": "ann lee", "express": True}),),
        "shipped completed",
    ),
    Run("s-bare", (Start("shipment"),), "shipped completed"),
    Run("s-failing", (Start("shipment", {"phone": "none"}),), "notify incident"),
)

PAYMENT = {"amount": 5, "card": "4001", "email": "a@b.c"}
PAYMENTS = (
    Run("p-paid", (Start("payment", PAYMENT),), "paid completed"),
    Run("p-limit", (Start("payment", {"amount": 5000}),), "refused completed"),
    Run("p-broken", (Start("payment", {"amount": 0, "limit": 0}),), "limit incident"),
    Run(
        "p-account",
        (Start("payment", {**PAYMENT, "account": "lost"}),),
        "NO_CATCH_EVENT_FOUND incident",
        differs={
            "NO_CATCH_EVENT_FOUND error": ("", None),
            "NO_CATCH_EVENT_FOUND incident": ("UNHANDLED_ERROR_EVENT", None),
            "reserve incident": (None, NO_RETRIES),
            "reserve failed": (1, 2),
        },
        why="an error without a code that nothing catches is an incident: it is raised as one",
    ),
    Run("p-declined", (Start("payment", {**PAYMENT, "card": "4000"}),), "notCharged completed"),
    Run(
        "p-receipt",
        (Start("payment", {"amount": 5, "card": "4001"}),),
        "paidWithout completed",
        differs={"receipt error": ("", "NO_RECEIPT")},
        why="an error has a code; an event that catches every error catches this one too",
    ),
    Run("p-ledger", (Start("payment", {**PAYMENT, "closed": True}),), "unbooked completed"),
)

NOTICE = {"template": "Dear {name}", "ledger": "ok"}
NOTICES = (
    Run("n-good", (Start("notice", NOTICE),), "sent completed"),
    Run("n-caught", (Start("notice", {"template": "{name}!", "name": "Bo"}),), "sent completed"),
    Run(
        "n-logged",
        (Start("notice", {"template": "Dear you"}),),
        differs={
            "rest": ("no end", "incident"),
            "render failed": (None, 3),
            "render incident": (None, NO_RETRIES),
        },
        why="a job that nobody answers comes again for ever: here its attempts come to an end",
    ),
    Run(
        "n-unset",
        (Start("notice", {**NOTICE, "channel": "fax"}),),
        differs={
            "rest": ("no end", "incident"),
            "send failed": (None, 1),
            "send incident": (None, NO_RETRIES),
        },
        why="set_error_status(job, ...) itself fails, and the job comes again for ever",
    ),
    Run(
        "n-moment",
        (Start("notice", {**NOTICE, "raw": True}),),
        differs={
            "rest": ("no end", "completed"),
            "$sentAt": (None, "2026-01-02T03:04:05Z"),
            "$logged": (None, True),
            "$rows": (None, 1),
            "stamp completed": (None, 1),
            "log completed": (None, 1),
            "sent completed": (None, 1),
        },
        why="a moment becomes a text; pyzeebe cannot send it, and the job comes again for ever",
    ),
)

ORDERS = (
    Run(
        "o-two",
        (Post("/orders", {"parcels": 2}), Post("/scans"), Post("/scans")),
        "closed completed",
    ),
    Run("o-one", (Post("/orders"), Post("/scans")), "closed completed"),
)

REPORTS = (
    Run("r-auto", (Post("/reports", {"mode": "auto"}),), "kept completed"),
    Run(
        "r-manual",
        (Post("/reports"), Post("/objections", {"explanation": "mine"})),
        "kept completed",
    ),
    Run("r-silent", (Post("/reports", {"patience": "PT0.2S"}),), "deleted completed"),
)

ARCHIVE = (
    Run("a-all", (Start("archive", {"folder": "january"}),), "archived completed"),
    Run("a-two", (Start("archive", {"folder": "may", "limit": 2}),), "archived completed"),
)


def _asked(of: str, after: str, **more: object) -> Event:
    return Event("reminder-asked", "", {"reminderId": of, "after": after, **more})


REMINDERS = (
    Run("m-told", (_asked("m-told", "PT0.2S"), Script("close", waits_at="all")), "done completed"),
    Run("m-tired", (_asked("m-tired", "PT0S", tries=3),), "up completed"),
    Run("m-gone", (_asked("m-gone", "PT0S", withdrawn=True),), "remind terminated"),
)

ANN = {"name": "Ann", "income": "90000", "hobby": "chess"}
BO = {"name": "Bo", "income": 50000, "debts": [50, 60.5]}
SCORING = (
    Run("c-good", (Start("scoring", {"applicant": ANN, "formVersion": 3}),), "offered completed"),
    Run("c-weak", (Start("scoring", {"applicant": BO}),), "offered completed"),
)

ANN_HIRED = {"person": {"first": "Ann", "extra": "screen"}}
ONBOARDING = (Run("h-ann", (Script("hire", ("Ann",)),), "working completed"),)

STORIES = (
    Story("archive", "archiveId", ARCHIVE),
    Story("invoices", "id", INVOICES, says="[save-invoice] id=i-plain supplier=acme"),
    Story("notices", "noticeId", NOTICES, says="not written down"),
    Story("onboarding", "hireId", ONBOARDING),
    # Uvicorn ends itself by the signal once it has shut down.
    Story("orders", "orderId", ORDERS, web=True, ends=-SIGTERM),
    Story("payments", "paymentId", PAYMENTS),
    Story("reminders", "reminderId", REMINDERS),
    Story("reports", "reportId", REPORTS, web=True, says="objected to r-auto"),
    Story("scoring", "applicationId", SCORING),
    Story("shipping", "shipmentId", SHIPPING, says="begins: "),
)
