"""The application as servers load it: `uvicorn payment_simulator.api.main:app`."""

from payment_simulator.api.app import create_app
from payment_simulator.api.settings import Settings

app = create_app(Settings.from_environment())
