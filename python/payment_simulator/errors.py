"""The catalogue of errors: every exception that this package raises on purpose.

Each class derives from `PaymentSimulatorError` and from the built-in that a caller would expect, and carries
a stable `code` that programs may branch on; messages are for people and may change. The native module raises
these same classes.
"""

from __future__ import annotations

from typing import ClassVar


class PaymentSimulatorError(Exception):
    """The base of every error of this package."""

    code: ClassVar[str] = "error"


class ConfigError(PaymentSimulatorError, ValueError):
    """A configuration is wrong; the message names every problem at once."""

    code = "config_invalid"


class ConfigTypeError(PaymentSimulatorError, TypeError):
    """A configuration value has the wrong type."""

    code = "config_type"


class ConfigOverflowError(PaymentSimulatorError, OverflowError):
    """A configuration value is outside the range of its type."""

    code = "config_overflow"


class ConfigNotFoundError(PaymentSimulatorError, FileNotFoundError):
    """The configuration file does not exist."""

    code = "config_not_found"


class SimulationError(PaymentSimulatorError, RuntimeError):
    """The simulation refuses a call; its state is as before."""

    code = "simulation_refused"


class TransactionRefusedError(SimulationError, ValueError):
    """A transaction, or a batch of them, is not acceptable; nothing was submitted."""

    code = "transaction_refused"


class InterventionRefusedError(SimulationError, ValueError):
    """A sender may not do this to its transaction; nothing has changed."""

    code = "intervention_refused"


class SimulationFinishedError(SimulationError):
    """The run is over: there is no tick left."""

    code = "simulation_finished"


class SimulationBusyError(SimulationError):
    """Another thread is using this simulation at the moment."""

    code = "simulation_busy"


class SnapshotError(SimulationError, ValueError):
    """A saved state is corrupt, truncated, or of another version."""

    code = "snapshot_invalid"


class InvariantError(SimulationError):
    """The engine found itself in a state that must not be; please report it."""

    code = "invariant_broken"


class UnknownAgentError(PaymentSimulatorError, KeyError):
    """No agent has this id."""

    code = "agent_unknown"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnknownTransactionError(PaymentSimulatorError, KeyError):
    """No transaction has this id."""

    code = "transaction_unknown"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class TransactionsFileError(PaymentSimulatorError, ValueError):
    """A payments file cannot be read or has bad rows; nothing was run."""

    code = "transactions_file"


class ResultsError(PaymentSimulatorError, ValueError):
    """A results directory is missing, incomplete or of another version."""

    code = "results_invalid"


class ResultsExistError(PaymentSimulatorError, FileExistsError):
    """The results directory exists already and may not be replaced without `force`."""

    code = "results_exist"


class UnknownSimulationError(PaymentSimulatorError, KeyError):
    """No simulation of the service has this id."""

    code = "simulation_unknown"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class StoreUnavailableError(PaymentSimulatorError, OSError):
    """The database cannot be reached or written at the moment; nothing was changed."""

    code = "store_unavailable"


class OtherVersionError(PaymentSimulatorError, RuntimeError):
    """What the store holds was made by another version of this program, which this one cannot go on with."""

    code = "other_version"


class LimitExceededError(PaymentSimulatorError, ValueError):
    """More is asked for in one call than the service's limits allow."""

    code = "limit_exceeded"


class TooManySimulationsError(PaymentSimulatorError, RuntimeError):
    """The service holds as many simulations as it may."""

    code = "too_many_simulations"


class BodyTooLargeError(PaymentSimulatorError, ValueError):
    """The body of a request is larger than the service's limits allow."""

    code = "body_too_large"


class NotAuthenticatedError(PaymentSimulatorError, PermissionError):
    """The service wants a key, and none or no valid one was given."""

    code = "not_authenticated"


class NotAllowedError(PaymentSimulatorError, PermissionError):
    """What was asked for is not allowed to whoever asked."""

    code = "not_allowed"


class IdempotencyKeyReusedError(PaymentSimulatorError, ValueError):
    """The idempotency key belongs to another request."""

    code = "idempotency_key_reused"


class ServerPathError(PaymentSimulatorError, ValueError):
    """A request names a file of the server's, which the service never opens."""

    code = "server_path"


class RequestError(PaymentSimulatorError, ValueError):
    """A request's path, query, headers or body are not as the service's description says."""

    code = "request_invalid"


class ServiceUnreachableError(PaymentSimulatorError, ConnectionError):
    """The service did not answer, however often it was asked; what was asked for may have been done."""

    code = "service_unreachable"
