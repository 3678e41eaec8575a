"""What happens to every request, as plain ASGI: each of these wraps an application and costs microseconds."""

from payment_simulator.api.middleware.body_limit import BodyLimit
from payment_simulator.api.middleware.replays import Replays
from payment_simulator.api.middleware.request_log import RequestLog

__all__ = ["BodyLimit", "Replays", "RequestLog"]
