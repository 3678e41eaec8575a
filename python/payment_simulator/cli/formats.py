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
