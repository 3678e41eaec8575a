"""The base of all answers."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer: its fields cannot be changed."""

    model_config = ConfigDict(frozen=True)
