"""The service: the simulator over HTTP and WebSocket, for programs, pages and teams.

`create_app(settings)` makes the application, `payment_simulator.api.main:app` is one made from the
environment, and `payment_simulator.api.server.serve` runs it. The work is done by
`payment_simulator.sessions`; here requests are checked and answers written.
"""

from payment_simulator.api.app import create_app
from payment_simulator.api.settings import Settings

__all__ = ["Settings", "create_app"]
