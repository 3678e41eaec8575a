"""The independent auditor: what a run's results say, derived again from its events and its configuration.

`audit(directory)` reads `events.parquet` and `config.yaml`, works out every balance, status, queue and cost
from them alone, and compares the result with the other files of the directory. It shares no code with the
engine or with the indicators.
"""

from __future__ import annotations

from payment_simulator.audit.auditor import audit
from payment_simulator.audit.findings import Difference
from payment_simulator.audit.report import AuditReport

__all__ = ["AuditReport", "Difference", "audit"]
