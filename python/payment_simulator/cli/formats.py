"""How commands write what they have to say."""

from enum import StrEnum


class Output(StrEnum):
    """How a result is written."""

    JSON = "json"
    TABLE = "table"


class FileFormat(StrEnum):
    """How payments are written."""

    CSV = "csv"
    PARQUET = "parquet"


class KeyRole(StrEnum):
    """What a key of the service is good for; each may do what those before it may."""

    READ = "read"
    RUN = "run"
    ADMIN = "admin"
