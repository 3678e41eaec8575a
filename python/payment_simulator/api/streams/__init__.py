"""Following a simulation: what is sent, and how, as server-sent events and over WebSockets."""

from payment_simulator.api.streams.following import follow
from payment_simulator.api.streams.lasting import Streams
from payment_simulator.api.streams.server_sent_events import ServerSentEvents
from payment_simulator.api.streams.web_socket import serve_web_socket

__all__ = ["ServerSentEvents", "Streams", "follow", "serve_web_socket"]
