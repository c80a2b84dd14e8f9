"""What a file is, by its content: the extension may be wrong."""

import gzip
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from strata.landing.caps import Capped, refuse_bomb
from strata.landing.encodings import AsUtf8
from strata.landing.report import UnreadableFileError

Kind = Literal["csv", "csv.gz", "parquet", "xlsx"]

_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"BZh": "a bzip2 archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"SQLite format 3": "an SQLite database",
    b"ARROW1": "an Arrow (Feather) file",
    b"ORC": "an ORC file",
    b"PARE": "an encrypted Parquet file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_MARKUP = re.compile(rb"\s*<(!doctype|html|\?xml|table|head|meta|workbook)\b", re.IGNORECASE)
_ADVICE = "Save it as CSV UTF-8, .xlsx or Parquet"


def content_hash(path: Path) -> str:
    """sha256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def kind_of(path: Path) -> Kind:
    """The file's kind. Raises UnreadableFileError for empty files and foreign kinds."""
    with path.open("rb") as stream:
        head = stream.read(4096)
        stream.seek(max(0, path.stat().st_size - 4))
        tail = stream.read()
    if not head.strip():
        raise UnreadableFileError("it is empty")
    if head.startswith(b"PAR1"):
        if tail != b"PAR1" or path.stat().st_size < 12:
            raise UnreadableFileError("it is a Parquet file that is cut short. Copy it again")
        return "parquet"
    if head.startswith(b"PK"):
        return _kind_of_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFileError(_old_office(path))
    if head.startswith(b"\x1f\x8b"):
        _refuse_foreign(_first_unpacked(path))
        return "csv.gz"
    _refuse_foreign(head)
    return "csv"


@contextmanager
def open_text(path: Path, kind: Kind, encoding: str = "") -> Iterator[IO[bytes]]:
    """The bytes of a text file, unpacked, and UTF-16 as UTF-8.

    Raises UnreadableFileError once a packed file has grown beyond all measure.
    """
    with gzip.open(path, "rb") if kind == "csv.gz" else path.open("rb") as stream:
        unpacked = Capped(stream, path.stat().st_size) if kind == "csv.gz" else stream
        yield AsUtf8(unpacked, encoding) if encoding.startswith("utf-16") else unpacked


def _refuse_foreign(head: bytes) -> None:
    for magic, words in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise UnreadableFileError(f"it is {words}. {_ADVICE}")
    if _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise UnreadableFileError(f"it is a web page or XML, not a table. {_ADVICE}")
    if not head.strip(b"\0"):
        raise UnreadableFileError("it holds nothing but NUL bytes. Copy it again")


def _first_unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as stream:
            head = stream.read(4096)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(f"it is a damaged gzip file ({error})") from error
    if head.startswith((b"PAR1", b"PK\x03\x04")):
        raise UnreadableFileError("it is gzipped, but not text. Unpack it first")
    if not head.strip():
        raise UnreadableFileError("it is empty")
    return head


def _kind_of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableFileError("it is a damaged .xlsx or zip file. Copy it again") from error
    if "xl/workbook.xml" in names:
        refuse_bomb(unpacked, path.stat().st_size)
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise UnreadableFileError(f"it is a binary workbook (.xlsb). {_ADVICE}")
    if "content.xml" in names:
        raise UnreadableFileError(f"it is an OpenDocument file. {_ADVICE}")
    raise UnreadableFileError("it is a zip archive. Unpack it first")


def _old_office(path: Path) -> str:
    """Old .xls and password-protected .xlsx files share their first bytes."""
    with path.open("rb") as stream:
        content = stream.read(64 * 1024 * 1024)
    if _ENCRYPTED_OFFICE in content:
        return "it is protected with a password. Save it without one"
    return f"it is an old Excel workbook (.xls). {_ADVICE}"
