"""Files that nobody means well with, or that went wrong on their way.

Run as a program, it reads each of them with little memory and little time.
"""

import gzip
import io
import resource
import sys
import zipfile

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XML = '<?xml version="1.0" encoding="{}"?>\n'
SOUND = (
    '<bpmn:startEvent id="s"/>\n<bpmn:endEvent id="e"/>\n'
    '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>\n'
)


def bare(body):
    head = f'<bpmn:definitions xmlns:bpmn="{NAMESPACE}" id="d" targetNamespace="t">\n'
    return f"{head}{body}</bpmn:definitions>"


def process(body):
    return bare(f'<bpmn:process id="p" isExecutable="true">\n{body}</bpmn:process>\n')


def file(body, *, before="", encoding="utf-8"):
    return (XML.format(encoding.upper()) + before + process(body)).encode(encoding)


def _archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("order.bpmn", file(SOUND))
    return packed.getvalue()


def _bomb():
    entities = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11)]
    return '<!DOCTYPE x [<!ENTITY e0 "ha">\n' + "\n".join(entities) + "]>\n"


def _external(encoding="utf-8"):
    doctype = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n'
    text = "<bpmn:documentation>&a;</bpmn:documentation>"
    return file(text, before=doctype, encoding=encoding)


def _nested(depth):
    inner = "".join(f'<bpmn:subProcess id="n{n}">\n' for n in range(depth))
    return file(inner + "</bpmn:subProcess>" * depth)


_DOCTYPE = (r"x\.bpmn:2: the file declares a document type", "remove the declaration")
_NO_XML = r"x\.bpmn:\d+: expected an XML file, but it cannot be read: "
_AGAIN = "export the diagram again"

REFUSED = {
    "empty": (b"", _NO_XML + "it is empty", _AGAIN),
    "blank": (b" \n\n", _NO_XML + "it is empty", _AGAIN),
    "NUL bytes only": (b"\0" * 1000, _NO_XML + "it is empty", _AGAIN),
    "a NUL byte": (file(SOUND).replace(b"id=", b"i\0d="), _NO_XML + "it contains NUL", _AGAIN),
    "a NUL byte at the begin": (b"<\0" + file(SOUND)[1:], _NO_XML + "it contains NUL", _AGAIN),
    "ZIP": (_archive(), _NO_XML + "it is a ZIP archive", "unpack it"),
    "gzip": (gzip.compress(file(SOUND)), _NO_XML + "it is packed with gzip", "unpack it"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", _NO_XML + "it is a picture", "as BPMN 2.0 XML"),
    "text": (b"hello", _NO_XML + "Start tag expected", _AGAIN),
    "cut off": (file(SOUND)[:200], _NO_XML, _AGAIN),
    "control character": (
        file('<bpmn:task id="t" name="\1"/>'),
        r"x\.bpmn:4: expected an XML file.*invalid character",
        _AGAIN,
    ),
    "invalid UTF-8": (
        file(SOUND).replace(b'"s"/', b'"s" name="\xff\xfe"/'),
        r"x\.bpmn:4: .*bytes are not in the encoding",
        "save it as UTF-8",
    ),
    "unknown encoding": (
        file(SOUND).replace(b"UTF-8", b"KLINGON"),
        _NO_XML + "its bytes are not in the encoding that it declares.*KLINGON",
        "save it as UTF-8",
    ),
    "wrong bytes in a declared encoding": (
        file(SOUND, encoding="shift_jis").replace(b'"s"/', b'"s" name="\x81"/'),
        r"x\.bpmn:4: .*bytes are not in the encoding that it declares \(no text in SHIFT_JIS\)",
        "save it as UTF-8",
    ),
    "an encoding that is none of texts": (
        file(SOUND).replace(b"UTF-8", b"punycode") + b"-" * 1_000_000,
        _NO_XML + "its bytes are not in the encoding that it declares.*punycode",
        "save it as UTF-8",
    ),
    "XML of another version": (
        file(SOUND).replace(b"1.0", b"2.0"),
        r"x\.bpmn:1: its XML declaration names version '2\.0'",
        _AGAIN,
    ),
    "a declaration below a blank line": (
        b"\n" + file(SOUND),
        r"x\.bpmn:2: expected an XML file.* its XML declaration is not at its very beginning",
        "remove what stands before <?xml",
    ),
    "no prefix declared": (
        file('<zeebe:header key="a"/>'),
        r"x\.bpmn:4: expected an XML file.* a namespace prefix in <zeebe:header is not declared",
        "declare it by xmlns:",
    ),
    "no prefix declared, beside a namespace that is no URI": (
        file('<x:y xmlns:x="my names"/>\n<zeebe:header key="a"/>'),
        r"x\.bpmn:5: expected an XML file.* a namespace prefix in <zeebe:header is not declared",
        "declare it by xmlns:",
    ),
    "an attribute written twice": (
        file('<bpmn:task id="a" id="b"/>'),
        r"x\.bpmn:4: expected an XML file.* an attribute is written twice: id",
        _AGAIN,
    ),
    "an end tag out of place": (
        file('<bpmn:task id="a">\n'),
        r"x\.bpmn:5: .* the end tag </bpmn:process> is out of place: <bpmn:task> of line 4 is open",
        _AGAIN,
    ),
    "an ampersand": (
        file('<bpmn:task id="a" name="this & that"/>'),
        r"x\.bpmn:4: expected an XML file.* '&' is not allowed here",
        "write & as &amp;",
    ),
    "a character that XML lacks": (
        file("<bpmn:documentation>&#0;</bpmn:documentation>"),
        r"x\.bpmn:4: expected an XML file.* XML has no such character \(&#0;\)",
        _AGAIN,
    ),
    "something behind the end": (
        file(SOUND) + b"<again/>",
        r"x\.bpmn:8: expected an XML file.* something follows its last end tag",
        _AGAIN,
    ),
    "unknown entity": (
        file("<bpmn:documentation>&nbsp;</bpmn:documentation>"),
        r"x\.bpmn:4: .*an entity that XML does not have.*'nbsp'",
        "write & as &amp;",
    ),
    "HTML": (
        b"<html><body>hello</body></html>",
        r"x\.bpmn:1: expected a BPMN 2\.0 file with <bpmn:definitions> at its top, found <html>",
        "export the diagram as BPMN 2.0",
    ),
    "external entity": (_external(), *_DOCTYPE),
    "external entity in UTF-16": (_external("utf-16"), *_DOCTYPE),
    "parameter entity": (
        file(SOUND, before='<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>\n'),
        *_DOCTYPE,
    ),
    "external document type": (
        file(SOUND, before='<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">\n'),
        *_DOCTYPE,
    ),
    "entity bomb": (
        file("<bpmn:documentation>&e10;</bpmn:documentation>", before=_bomb()),
        *_DOCTYPE,
    ),
    "document type as HTML has it": (
        b"\n<!doctype html>\n<html></html>",
        *_DOCTYPE,
    ),
    "entity bomb behind many comments": (
        file(
            "<bpmn:documentation>&e10;</bpmn:documentation>",
            before="<!-- a --><?b c?>" * 10_000 + _bomb(),
        ),
        *_DOCTYPE,
    ),
    "entity bomb behind a long comment": (
        file(
            "<bpmn:documentation>&e10;</bpmn:documentation>",
            before=f"<!--{'x' * 70_000}-->" + _bomb(),
        ),
        *_DOCTYPE,
    ),
    "100 MB": (
        file(f"<bpmn:documentation>{'x' * 100_000_000}</bpmn:documentation>"),
        r"x\.bpmn: the file has more than 10,485,760 bytes",
        "split the diagram",
    ),
    "one text of 10 MB": (
        file(f"<bpmn:documentation>{'x' * 10_300_000}</bpmn:documentation>"),
        _NO_XML + "a text in it has more than 10,000,000 characters",
        "take the text out",
    ),
    "more than 100,000 elements": (
        file("\n".join(f'<bpmn:task id="t{n}"/>' for n in range(100_000))),
        r"x\.bpmn:\d+: expected at most 100,000 XML elements",
        "split the diagram",
    ),
    "a million tags": (
        file("<bpmn:task/>" * 500_000),
        r"x\.bpmn:4: expected at most 100,000 XML elements",
        "split the diagram",
    ),
    "10,000 sub-processes in each other": (
        _nested(10_000),
        r"x\.bpmn:102: <subProcess> 'n98' is the 101st element inside another, expected at most",
        "called processes",
    ),
    "120 sub-processes in each other": (
        _nested(120),
        r"x\.bpmn:102: <subProcess> 'n98' is the 101st element inside another, expected at most",
        "called processes",
    ),
}
"""By name: the content, what the error begins with, and what it says to do."""

TAKEN = {
    "a byte order mark": b"\xef\xbb\xbf" + file(SOUND),
    "UTF-16": file(SOUND, encoding="utf-16"),
    "UTF-16 that says UTF-8": (XML.format("UTF-8") + process(SOUND)).encode("utf-16"),
    "UTF-32": file(SOUND, encoding="utf-32"),
    "UTF-16 without a byte order mark": file(SOUND, encoding="utf-16-le"),
    "no declaration": process(SOUND).encode(),
    "many comments and instructions before it": b"<!-- a --><?b c?>" * 10_000
    + process(SOUND).encode(),
    "Latin-1": file('<bpmn:task id="t" name="\xfcber"/>' + SOUND, encoding="iso-8859-1"),
    "a namespace that is no URI": file(SOUND + '<x:y xmlns:x="my names" x:z="1"/>'),
    "a namespace with braces": file(SOUND + '<x:y xmlns:x="http://{{host}}/a" x:z="1"/>'),
    "a text of 9 MB": file(f'<bpmn:task id="t" name="{"x" * 9_000_000}"/>' + SOUND),
    "99,000 elements": file("".join(f'<bpmn:task id="t{n}"/>' for n in range(99_000)) + SOUND),
    "an inclusion, which is not followed": file(
        SOUND + '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'
    ),
}

MEMORY = 1 << 30
"""Bytes of address space in all, of which the interpreter takes a third."""
SECONDS = 60
"""Of one CPU, for all files together."""


def main():
    from workflow_runtime.bpmn.parser import parse
    from workflow_runtime.errors import DiagramError

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    contents = [*(case[0] for case in REFUSED.values()), *TAKEN.values()]
    for content in contents:
        try:
            parse(content, "x.bpmn")
        except DiagramError:
            continue
    sys.stdout.write(str(len(contents)))


if __name__ == "__main__":
    sys.exit(main())
