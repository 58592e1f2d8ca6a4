"""Paths in an object store (S3), with as much of `pathlib.Path` as the store needs.

A put is atomic, and can be made to fail where the object is there already, or is not the one that was read: that is what
leases and tags rest on. Servers differ in whether they keep to it; `lvzhi doctor` tries.

Credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or, where it names none,
from the profile AWS_PROFILE in ~/.aws/credentials; the server from AWS_ENDPOINT_URL, the region from AWS_REGION.
"""

from __future__ import annotations

import configparser
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, cast

from schemas.errors import StorageError, UsageError

if TYPE_CHECKING:
    from obstore.store import S3Store
    from pyarrow.fs import S3FileSystem

SCHEME = "s3://"
KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_region", "aws_endpoint_url")


def object_path(address: str) -> Path:
    """The path of an address of an object store.

    Raises:
        UsageError: the scheme is not known, there is no bucket, or the library is not installed.
    """
    scheme, _, place = address.partition("://")
    if scheme != "s3" or not place.strip("/"):
        raise UsageError(
            f"{address} is no folder and no object store that lvzhi knows; name a folder, or s3://BUCKET/PREFIX"
        )
    try:
        import obstore  # noqa: F401 - only whether it is there
    except ImportError:
        raise UsageError(f"{address} needs the library obstore; run `pip install obstore`") from None
    # It does what callers of Path need, and no more.
    return cast(Path, ObjectPath("/" + place.strip("/")))


def is_object(path: object) -> bool:
    """Whether a path is one of an object store."""
    return isinstance(path, ObjectPath)


@dataclass(frozen=True)
class ObjectStatus:
    """Length in bytes, time of the last change in seconds (by the clock of the server), and mark of the content."""

    st_size: int
    st_mtime: float
    etag: str


class ObjectPath(PurePosixPath):
    """An object, or all objects below a prefix; the first part is the bucket."""

    def __str__(self) -> str:
        return "s3:/" + super().__str__()

    def __fspath__(self) -> str:
        raise TypeError(f"{self} is in an object store, not on a disk")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), ("/" + "/".join(self.parts[1:]),))

    @property
    def key(self) -> str:
        """Name of the object in its bucket."""
        return "/".join(self.parts[2:])

    @property
    def store(self) -> S3Store:
        """The bucket."""
        return bucket(self.parts[1])

    def stat(self) -> ObjectStatus:
        """Status of the object.

        Raises:
            FileNotFoundError: there is none.
        """
        import obstore

        with _errors(self):
            found = obstore.head(self.store, self.key)
        return ObjectStatus(found["size"], found["last_modified"].timestamp(), found["e_tag"] or "")

    def exists(self) -> bool:
        """Whether there is an object, or one below it."""
        return self.is_file() or self.is_dir()

    def is_file(self) -> bool:
        """Whether there is an object."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def is_dir(self) -> bool:
        """Whether there is an object below it."""
        return next(self.iterdir(), None) is not None

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Nothing: folders come with the objects in them."""

    def iterdir(self) -> Iterator[ObjectPath]:
        """Objects and folders right below it."""
        import obstore

        with _errors(self):
            found = obstore.list_with_delimiter(self.store, self.key + "/")
        names = [entry["path"] for entry in found["objects"]] + list(found["common_prefixes"])
        yield from (type(self)(f"/{self.parts[1]}/{name}") for name in sorted(names))

    def rglob(self, pattern: str) -> Iterator[ObjectPath]:
        """All objects below it."""
        import obstore

        with _errors(self):
            entries = [entry for batch in obstore.list(self.store, self.key + "/") for entry in batch]
        paths = (type(self)(f"/{self.parts[1]}/{entry['path']}") for entry in entries)
        yield from (path for path in paths if path.match(pattern))

    def glob(self, pattern: str) -> Iterator[ObjectPath]:
        """Objects right below it whose name matches."""
        yield from (path for path in self.iterdir() if path.match(pattern))

    def read_bytes(self) -> bytes:
        """The content.

        Raises:
            FileNotFoundError: there is no such object.
        """
        import obstore

        with _errors(self):
            return bytes(obstore.get(self.store, self.key).bytes())

    def read_text(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The content as text.

        Raises:
            FileNotFoundError: there is no such object.
        """
        return self.read_bytes().decode(encoding, errors)

    def write_bytes(self, data: bytes) -> None:
        """Replace the object as a whole."""
        import obstore

        with _errors(self):
            obstore.put(self.store, self.key, data)

    def upload(self, source: Path) -> None:
        """Replace the object by a file."""
        import obstore

        with _errors(self):
            obstore.put(self.store, self.key, source)

    def create(self, data: bytes) -> bool:
        """Write the object if it is not there.

        Returns:
            Whether it was written.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            with _errors(self):
                obstore.put(self.store, self.key, data, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def swap(self, data: bytes, etag: str) -> bool:
        """Replace the object if it is still the one with this mark.

        Returns:
            Whether it was replaced.
        """
        import obstore
        from obstore.exceptions import PreconditionError

        # Ceph compares the mark without its quotation marks, others with them.
        for mark in (etag, etag.strip('"')):
            try:
                with _errors(self):
                    obstore.put(self.store, self.key, data, mode={"e_tag": mark})
            except (PreconditionError, FileNotFoundError):
                continue
            return True
        return False

    def open(self, mode: str = "rb") -> IO[bytes]:
        """The content, to be read from any place.

        Raises:
            FileNotFoundError: there is no such object.
        """
        import obstore

        with _errors(self):
            return cast("IO[bytes]", _Reading(obstore.open_reader(self.store, self.key, buffer_size=256 * 1024)))

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the object."""
        import obstore

        with _errors(self):
            obstore.delete(self.store, self.key)

    def resolve(self) -> ObjectPath:
        """The path itself: there are no links."""
        return self


class _Reading(io.RawIOBase):
    """An object that is being read, as a file of Python."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())

    def readinto(self, buffer: Any) -> int:
        data = bytes(self._reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)


class _errors:  # noqa: N801 - used as a word
    """Turn errors of the library into those of files."""

    def __init__(self, path: ObjectPath) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError

        if isinstance(error, (NotFoundError, FileNotFoundError)):
            raise FileNotFoundError(f"{self.path} does not exist") from error
        if isinstance(error, BaseError) and not isinstance(error, (AlreadyExistsError, PreconditionError)):
            reason = str(error).split("\n")[0][:300]
            raise StorageError(
                f"{self.path} cannot be reached: {reason}; check AWS_ENDPOINT_URL and the credentials (see `lvzhi doctor`)"
            ) from error


def settings() -> dict[str, str]:
    """What is known of server and credentials, by the names of `KEYS`."""
    found = {key: os.environ[key.upper()] for key in KEYS if os.environ.get(key.upper())}
    if "aws_region" not in found and os.environ.get("AWS_DEFAULT_REGION"):
        found["aws_region"] = os.environ["AWS_DEFAULT_REGION"]
    if "aws_access_key_id" not in found:
        found = _profile(os.environ.get("AWS_PROFILE", "default")) | found
    return {"aws_region": "us-east-1"} | found


def _profile(name: str) -> dict[str, str]:
    """Credentials of a profile; none where there is no such profile."""
    file = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", Path.home() / ".aws" / "credentials"))
    parser = configparser.ConfigParser()
    parser.read(file)
    return {key: parser[name][key] for key in KEYS if name in parser and key in parser[name]}


def storage_options() -> dict[str, str]:
    """The settings as deltalake and Polars take them."""
    found = settings()
    plain = found.get("aws_endpoint_url", "").startswith("http://")
    return found | ({"aws_allow_http": "true"} if plain else {}) | {"aws_conditional_put": "etag"}


@lru_cache(maxsize=8)
def bucket(name: str) -> S3Store:
    """A bucket."""
    from obstore.store import S3Store

    found = settings()
    config = {key.removeprefix("aws_"): value for key, value in found.items()}
    plain = found.get("aws_endpoint_url", "").startswith("http://")
    config["endpoint"] = config.pop("endpoint_url", "")
    return S3Store(
        name,
        config={key: value for key, value in config.items() if value},  # type: ignore[arg-type]
        client_options={"allow_http": plain},
    )


def file_system() -> S3FileSystem:
    """The object store for Arrow."""
    from pyarrow.fs import S3FileSystem

    found = settings()
    scheme, _, host = found.get("aws_endpoint_url", "").partition("://")
    return S3FileSystem(
        access_key=found.get("aws_access_key_id"),
        secret_key=found.get("aws_secret_access_key"),
        session_token=found.get("aws_session_token"),
        region=found["aws_region"],
        **({"endpoint_override": host, "scheme": scheme} if host else {}),
    )
