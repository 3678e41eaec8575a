"""The service with one endpoint more, which does nothing: what HTTP, FastAPI and our own middleware take."""

from payment_simulator.api.app import create_app
from payment_simulator.api.settings import Settings

app = create_app(Settings.from_environment())


@app.post("/nothing")
async def nothing() -> dict[str, str]:
    """Answers."""
    return {"message": "nothing was done"}
