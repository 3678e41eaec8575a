"""What the sessions of one worker promise, call by call."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from payment_simulator import Simulation, SimulationConfig
from payment_simulator.errors import (
    IdempotencyKeyReusedError,
    LimitExceededError,
    PaymentSimulatorError,
    RequestError,
    ServerPathError,
    SimulationBusyError,
    SimulationError,
    SimulationFinishedError,
    SnapshotError,
    StoreUnavailableError,
    TooManySimulationsError,
    TransactionRefusedError,
    UnknownAgentError,
    UnknownSimulationError,
)
from payment_simulator.sessions import Rewind, RunStatus, RunTo, Submit, SubmitBatch, Tick
from tests.service.configs import quiet
from tests.sessions.support import (
    SECONDS,
    busy_config,
    digest,
    done,
    everything,
    failure,
    of_simulation,
    payment,
    payments,
    quiet_config,
    request,
    tick,
)
from tests.simulation.cases import busy, day_of_payments
from tests.store.rows import broken

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from payment_simulator.sessions import Command, Sessions
    from payment_simulator.store import Database
    from tests.sessions.support import Open


def test_a_session_does_what_a_simulation_does(sessions: Sessions) -> None:
    config = busy_config()
    beside = Simulation(config)
    one = done(sessions.create(config))
    history = beside.ticks(5)
    assert done(sessions.execute(one, Tick(5))) == history
    assert done(sessions.execute(one, payment())) == beside.submit("BANK_A", "BANK_B", 100)
    given = done(sessions.execute(one, SubmitBatch(payments(50))))
    assert given == pa.table(beside.submit_batch(payments(50)))
    assert given.column_names == ["transaction_id"]
    history += beside.ticks(15)
    assert done(sessions.execute(one, RunTo(20))) == 20
    assert done(sessions.execute(one, RunTo(20))) == 20
    assert done(sessions.execute(one, RunTo(3))) == 20
    assert done(sessions.read(one, everything)) == of_simulation(beside, history)
    (entry,) = done(sessions.entries())
    assert (entry.simulation_id, entry.current_tick, entry.num_ticks) == (one, 20, 200_000)
    assert sessions.count() == 1
    assert done(sessions.entry(one)) == entry


def test_ticks_end_with_the_run_and_then_there_are_none(sessions: Sessions) -> None:
    one = done(sessions.create(SimulationConfig.from_dict(busy())))
    assert len(done(sessions.execute(one, Tick(1_000)))) == 40
    assert isinstance(failure(sessions.execute(one, Tick(1))), SimulationFinishedError)
    assert isinstance(failure(sessions.execute(one, payment())), SimulationError)
    assert done(sessions.execute(one, RunTo(1_000))) == 40
    assert done(sessions.entries())[0].current_day == 2


REFUSED: list[Command] = [
    Submit("BANK_X", "BANK_B", 1),
    Submit("BANK_A", "BANK_A", 1),
    Submit("BANK_A", "BANK_B", 0),
    Submit("BANK_A", "BANK_B", 2**80),
    Submit("BANK_A", "BANK_B", 5, deadline_tick=-(2**70)),
    Submit("BANK_A", "BANK_B", 5, priority=11),
    Submit("BÄNK\x00💶", "BANK_B", 5),
    SubmitBatch(pa.table({})),
    SubmitBatch(pa.table({"sender": ["BANK_A"], "receiver": ["BANK_B"], "amount": [1.5]})),
    SubmitBatch(pa.table({"sender": [None], "receiver": [["x"]], "amount": [{"a": 1}]})),
    SubmitBatch(pa.table({"sender": ["BANK_A"], "receiver": ["BANK_B"], "amount": [1], "ammount": [1]})),
]


def test_what_the_engine_refuses_changes_nothing_and_is_refused_again(open_sessions: Open) -> None:
    sessions = open_sessions()
    one = done(sessions.create(quiet_config()))
    before = digest(sessions, one)
    said: list[str] = []
    for number, command in enumerate(REFUSED):
        error = failure(sessions.execute(one, command, request(f"k{number}")))
        assert isinstance(error, TransactionRefusedError), (command, error)
        said.append(str(error))
    assert digest(sessions, one) == before
    assert len(done(sessions.execute(one, Tick(1)))) == 1
    sessions.close()
    again = open_sessions()
    for number, command in enumerate(REFUSED):
        error = failure(again.execute(one, command, request(f"k{number}")))
        assert (type(error), str(error)) == (TransactionRefusedError, said[number])
    assert tick(again, one) == 1


@pytest.mark.parametrize(
    "command",
    [
        Submit("BANK_A", "BANK_B", "5"),  # type: ignore[arg-type]
        Submit("BANK_A", "BANK_B", 1.5),  # type: ignore[arg-type]
        Submit(7, "BANK_B", 5),  # type: ignore[arg-type]
        Submit("BANK_A", "BANK_B", 5, divisible="yes"),  # type: ignore[arg-type]
        Tick("1"),  # type: ignore[arg-type]
        Tick(1.5),  # type: ignore[arg-type]
        Tick(0),
        Tick(-5),
        RunTo(-1),
        RunTo("7"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_no_command_makes_a_simulation_useless(open_on_sqlite: Open, command: Command) -> None:
    """Whatever a mistaken caller executes: the simulation goes on, here and after a restart."""
    sessions = open_on_sqlite()
    one = done(sessions.create(quiet_config()))
    done(sessions.execute(one, Tick(10)))
    sessions.execute(one, command).exception(SECONDS)
    assert done(sessions.entry(one)).current_tick == tick(sessions, one) == 10
    assert len(done(sessions.execute(one, Tick(1)))) == 1
    expected = digest(sessions, one)
    sessions.close()
    again = open_on_sqlite()
    assert digest(again, one) == expected
    assert done(again.entry(one)).current_tick == 11


def test_a_command_that_cannot_be_written_down_fails_in_its_future(on_sqlite: Sessions) -> None:
    one = done(on_sqlite.create(quiet_config()))
    for strange in (Submit("\ud800", "BANK_B", 1), Submit("BANK_A", "BANK_B", 1 + 2j)):  # type: ignore[arg-type]
        assert isinstance(failure(on_sqlite.execute(one, strange)), PaymentSimulatorError)
    assert tick(on_sqlite, one) == 0


def test_a_tick_that_breaks_off_leaves_the_tick_that_all_agree_on(open_on_sqlite: Open) -> None:
    """Costs outgrow what can be counted in the middle of a call for many ticks."""
    config = quiet()
    config["cost_rates"] = {"delay_cost_per_tick_per_cent": 900_000_000_000_000.0}
    sessions = open_on_sqlite()
    one = done(sessions.create(SimulationConfig.from_dict(config)))
    done(sessions.execute(one, Submit("BANK_A", "BANK_B", 1_000_000)))
    error = None
    for _ in range(40):
        error = failure(sessions.execute(one, Tick(7)))
        if error is not None:
            break
    assert isinstance(error, SimulationError), error
    reached, ticks_known, expected = done(
        sessions.read(
            one, lambda live: (live.simulation.current_tick, live.history.end, live.simulation.state_hash)
        )
    )
    assert ticks_known == reached
    assert done(sessions.entry(one)).current_tick == reached
    assert isinstance(failure(sessions.execute(one, Tick(7))), SimulationError)
    sessions.close()
    again = open_on_sqlite()
    assert (digest(again, one), tick(again, one)) == (expected, reached)


def test_everything_of_an_unknown_simulation_is_unknown(sessions: Sessions) -> None:
    gone = done(sessions.create(quiet_config()))
    done(sessions.delete(gone))
    for one in (gone, "nobody", "", "a\x00b", "x" * 5_000):
        for future in (
            sessions.execute(one, Tick(1)),
            sessions.execute(one, Rewind(0)),
            sessions.read(one, lambda _: None),
            sessions.at(one, 0, lambda _: None),
            sessions.clone(one),
            sessions.delete(one),
            sessions.entry(one),
            sessions.start_run(one, None),
            sessions.run_status(one),
            sessions.cancel_run(one),
            sessions.wait_for_tick(one, 0),
        ):
            assert isinstance(failure(future), UnknownSimulationError), one
    assert sessions.count() == 0
    assert sessions.store_is_there


def test_a_look_that_fails_says_how_and_harms_nobody(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.execute(one, Tick(5)))
    expected = digest(sessions, one)
    assert isinstance(
        failure(sessions.read(one, lambda live: live.simulation.agent("BANK_X"))), UnknownAgentError
    )
    assert isinstance(failure(sessions.read(one, lambda _: 1 // 0)), ZeroDivisionError)
    assert isinstance(failure(sessions.at(one, 2, lambda _: 1 // 0)), ZeroDivisionError)
    assert digest(sessions, one) == expected


# Limits


def test_a_config_with_a_path_of_the_server_is_refused_and_nothing_is_opened(
    on_sqlite: Sessions, tmp_path: Path
) -> None:
    config = SimulationConfig.from_dict(day_of_payments(tmp_path, rows=5))
    assert isinstance(failure(on_sqlite.create(config)), ServerPathError)
    assert on_sqlite.count() == 0


def test_a_saved_state_whose_payments_came_from_a_file_goes_on_without_it(
    open_on_sqlite: Open, tmp_path: Path
) -> None:
    beside = Simulation(day_of_payments(tmp_path, rows=200))
    beside.ticks(5)
    saved = beside.to_bytes()
    (tmp_path / "payments.csv").unlink()
    sessions = open_on_sqlite()
    one = done(sessions.restore(saved))
    sessions.close()
    again = open_on_sqlite()
    done(again.execute(one, Tick(5)))
    beside.ticks(5)
    assert digest(again, one) == beside.state_hash


def test_limits_are_said_with_the_number(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite(max_agents=5, max_ticks=2_000)
    error = failure(sessions.create(quiet_config()))
    assert isinstance(error, LimitExceededError)
    assert "5 agents" in str(error)
    saved = Simulation(quiet_config()).to_bytes()
    assert isinstance(failure(sessions.restore(saved)), LimitExceededError)
    six = open_on_sqlite(max_agents=6, max_ticks=2_000)
    done(six.create(quiet_config()))
    error = failure(six.create(quiet_config(1_001)))
    assert isinstance(error, LimitExceededError)
    assert "2,000 ticks" in str(error)


def test_there_are_as_many_simulations_as_allowed(open_sessions: Open) -> None:
    sessions = open_sessions(max_simulations=2)
    one = done(sessions.create(quiet_config()))
    done(sessions.clone(one))
    saved = Simulation(quiet_config()).to_bytes()
    for future in (sessions.create(quiet_config()), sessions.clone(one), sessions.restore(saved)):
        error = failure(future)
        assert isinstance(error, TooManySimulationsError)
        assert "2 simulations" in str(error)
    done(sessions.delete(one))
    done(sessions.create(quiet_config()))


def test_many_who_create_at_once_do_not_pass_the_limit(open_sessions: Open) -> None:
    here, there = open_sessions(max_simulations=5), open_sessions(max_simulations=5)
    config = quiet_config()
    futures = [(here, there)[number % 2].create(config) for number in range(40)]
    errors = [error for future in futures if (error := failure(future)) is not None]
    assert {type(error) for error in errors} == {TooManySimulationsError}
    assert len(done(here.entries())) == 5


@pytest.mark.parametrize("saved", [b"", b"x", b"\x00" * 1_000, b"PAYSIM", b"PK\x03\x04" * 99])
def test_what_is_no_saved_state_is_refused(on_sqlite: Sessions, saved: bytes) -> None:
    assert isinstance(failure(on_sqlite.restore(saved)), SnapshotError)
    assert on_sqlite.count() == 0


# Repeated requests


def test_a_repeated_request_is_answered_as_before_and_done_once(open_sessions: Open) -> None:
    sessions = open_sessions()
    config = busy_config()
    one = done(sessions.create(config, request("create")))
    commands: dict[str, Command] = {
        "tick": Tick(3),
        "run": RunTo(5),
        "submit": payment(),
        "batch": SubmitBatch(payments(5)),
        "refused": payment(amount=0),
        "rewind": Rewind(2),
    }
    answers: dict[str, Any] = {}
    for key, command in commands.items():
        future = sessions.execute(one, command, request(key))
        answers[key] = str(failure(future)) if key == "refused" else done(future)
    expected = digest(sessions, one)
    for again in (sessions, open_sessions()):
        for key, command in commands.items():
            future = again.execute(one, command, request(key))
            assert (str(failure(future)) if key == "refused" else done(future)) == answers[key]
        assert done(again.create(config, request("create"))) == one
        assert digest(again, one) == expected
    assert len(done(sessions.entries())) == 1


def test_a_repeated_clone_restore_and_delete_are_done_once(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    saved = Simulation(quiet_config()).to_bytes()
    for _ in range(2):
        copy = done(sessions.clone(one, request("clone")))
        restored = done(sessions.restore(saved, request("restore")))
        done(sessions.delete(copy, request("delete")))
    assert {entry.simulation_id for entry in done(sessions.entries())} == {one, restored}


def test_a_repeated_clone_is_answered_though_its_source_is_gone(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    copy = done(sessions.clone(one, request("clone")))
    done(sessions.delete(one))
    assert done(sessions.clone(one, request("clone"))) == copy


def test_a_repeated_run_is_answered_though_its_end_is_in_the_past_now(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config()))
    run = done(sessions.start_run(one, 5, request("run")))
    assert done(sessions.wait_for_tick(one, 4)) == 5
    done(sessions.execute(one, Tick(20)))
    assert done(sessions.start_run(one, 5, request("run"))).run_id == run.run_id


def test_a_repeated_create_is_answered_though_there_is_no_room_any_more(open_on_sqlite: Open) -> None:
    sessions = open_on_sqlite(max_simulations=1)
    one = done(sessions.create(quiet_config(), request("k")))
    assert done(sessions.create(quiet_config(), request("k"))) == one


def test_a_repeated_rewind_is_answered_though_its_tick_is_in_the_future_now(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.execute(one, Tick(10)))
    done(sessions.execute(one, Rewind(8), request("k")))
    done(sessions.execute(one, Rewind(3)))
    assert done(sessions.execute(one, Rewind(8), request("k"))) is None
    assert tick(sessions, one) == 3


def test_a_key_of_another_request_is_refused(sessions: Sessions) -> None:
    one = done(sessions.create(quiet_config(), request("create")))
    done(sessions.execute(one, Tick(1), request("tick")))
    done(sessions.execute(one, Rewind(0), request("rewind")))
    run = done(sessions.start_run(one, 3, request("run")))
    done(sessions.wait_for_tick(one, 2))
    before = digest(sessions, one)
    other = "other fingerprint"
    for future in (
        sessions.create(quiet_config(), request("create", other)),
        sessions.clone(one, request("create", other)),
        sessions.restore(Simulation(quiet_config()).to_bytes(), request("create", other)),
        sessions.delete(one, request("create", other)),
        sessions.execute(one, Tick(2), request("tick", other)),
        sessions.execute(one, Rewind(0), request("tick", other)),
        sessions.execute(one, Tick(2), request("rewind", other)),
        sessions.execute(one, Tick(2), request("run", other)),
        sessions.start_run(one, 5, request("run", other)),
        sessions.start_run(one, 5, request("tick", other)),
        sessions.start_run(one, 5, request("rewind", other)),
        sessions.execute(one, Rewind(1), request("run", other)),
    ):
        error = failure(future)
        assert isinstance(error, IdempotencyKeyReusedError), error
    assert digest(sessions, one) == before
    assert done(sessions.start_run(one, 3, request("run"))).run_id == run.run_id


def test_keys_of_two_simulations_have_nothing_to_do_with_each_other(sessions: Sessions) -> None:
    one, other = (done(sessions.create(quiet_config())) for _ in range(2))
    for simulation_id in (one, other):
        done(sessions.execute(simulation_id, Tick(2), request("k")))
    assert tick(sessions, one) == tick(sessions, other) == 2


def test_the_same_request_many_times_at_once_is_done_once(open_sessions: Open) -> None:
    here, there = open_sessions(), open_sessions()
    one = done(here.create(busy_config()))
    futures = [(here, there)[n % 2].execute(one, Tick(2), request(f"k{n // 8}")) for n in range(64)]
    answers = [done(future) for future in futures]
    assert all(answers[n] == answers[n // 8 * 8] for n in range(64))
    assert tick(here, one) == 16


# Errors of the database


def test_a_failing_database_is_said_and_all_goes_on_afterwards(
    sessions: Sessions, database: Database
) -> None:
    one = done(sessions.create(busy_config()))
    done(sessions.execute(one, Tick(3)))
    before = done(sessions.read(one, everything))
    calls: dict[str, list[Callable[[], Future[Any]]]] = {
        "commands": [
            lambda: sessions.execute(one, Tick(1)),
            lambda: sessions.execute(one, payment(), request("k")),
            lambda: sessions.execute(one, SubmitBatch(payments(3))),
        ],
        "simulations": [
            lambda: sessions.read(one, lambda _: None),
            lambda: sessions.create(quiet_config()),
            lambda: sessions.start_run(one, None),
            lambda: sessions.execute(one, Rewind(1)),
            lambda: sessions.wait_for_tick(one, 0),
            sessions.entries,
        ],
        "requests": [lambda: sessions.execute(one, Tick(1), request("k")), lambda: sessions.delete(one)],
        "snapshots": [
            lambda: sessions.clone(one),
            lambda: sessions.execute(one, Rewind(1)),
            lambda: sessions.delete(one),
        ],
    }
    for table, begin_all in calls.items():
        with broken(database, table):
            errors = [failure(begin()) for begin in begin_all]
        assert {type(error) for error in errors} == {StoreUnavailableError}, errors
    assert done(sessions.read(one, everything)) == before
    assert len(done(sessions.entries())) == 1
    assert len(done(sessions.execute(one, Tick(1), request("k")))) == 1


def test_what_is_in_the_journal_is_answered_though_the_database_fails_then(
    open_on_sqlite: Open, sqlite_url: str
) -> None:
    """The command is durable: to say that nothing was changed would be wrong."""
    from payment_simulator.store import Database  # noqa: PLC0415

    sessions = open_on_sqlite()
    one = done(sessions.create(busy_config()))
    sessions.close()
    again = open_on_sqlite()
    beside = Database(sqlite_url)
    with broken(beside, "snapshots"):  # the journal can be written, and the simulation not be recovered
        future = again.execute(one, Tick(3))
        time.sleep(0.5)
    error = failure(future)
    reached = tick(again, one)
    assert (reached, type(error)) in {(3, type(None)), (0, StoreUnavailableError)}
    beside.close()


# Rewinding


def test_rewinding_goes_back_to_where_a_tick_began(sessions: Sessions) -> None:
    config = busy_config()
    one = done(sessions.create(config))
    for number in range(12):
        done(sessions.execute(one, payment(number)))
        done(sessions.execute(one, Tick(2)))
    assert done(sessions.execute(one, Rewind(7))) is None
    beside = Simulation(config)
    history = []
    for number in range(4):
        beside.submit(*_arguments(number))
        history += beside.ticks(2 if number < 3 else 1)
    assert done(sessions.read(one, everything)) == of_simulation(beside, history)
    for target in (8, -1, 10**30):
        error = failure(sessions.execute(one, Rewind(target)))
        assert isinstance(error, RequestError)
        assert "up to 7" in str(error)
    done(sessions.execute(one, Rewind(7)))
    done(sessions.execute(one, Rewind(0)))
    assert digest(sessions, one) == Simulation(config).state_hash


def _arguments(number: int) -> tuple[str, str, int]:
    made = payment(number)
    return made.sender, made.receiver, made.amount


def test_rewinding_is_done_while_others_submit(sessions: Sessions) -> None:
    """It must not wait until nobody else wants anything."""
    one = done(sessions.create(busy_config()))
    done(sessions.execute(one, Tick(300)))
    stop = threading.Event()
    count = 0

    def submit() -> None:
        nonlocal count
        while not stop.is_set():
            done(sessions.execute(one, payment(count)))
            count += 1

    thread = threading.Thread(target=submit)
    thread.start()
    try:
        sessions.execute(one, Rewind(250)).result(SECONDS)
    finally:
        stop.set()
        thread.join()
    assert tick(sessions, one) == 250


def test_a_run_that_is_under_way_is_said(sessions: Sessions) -> None:
    one = done(sessions.create(busy_config()))
    run = done(sessions.start_run(one, None))
    error = failure(sessions.start_run(one, 5))
    assert isinstance(error, SimulationBusyError | RequestError)
    cancelled = done(sessions.cancel_run(one))
    assert (cancelled.run_id, cancelled.status) == (run.run_id, RunStatus.CANCELLED)


def test_a_configuration_comes_back_from_the_store_as_it_was(open_on_sqlite: Open) -> None:
    """Rates to the last decimal, seeds to the last bit, dates."""
    configs: list[dict[str, Any]] = [
        {
            "cost_rates": {
                "delay_cost_per_tick_per_cent": "0.000000000000000001",
                "overdraft_bps_per_tick": 1e-7,
            }
        },
        {"cost_rates": {"delay_cost_per_tick_per_cent": 0.1, "deadline_penalty": 10**14}},
        {"simulation": {"ticks_per_day": 20, "num_days": 2, "rng_seed": 2**64 - 1}},
        {"lsm_config": {"bilateral_offsetting": False, "max_cycles_per_tick": 0}},
        {
            "settlement": {
                "queue_discipline": "priority",
                "crediting": "deferred",
                "priority_bands": [[5, 10], [0, 4]],
            }
        },
        {"end_of_day": {"unsettled": "cancel"}, "output": {"events": "summary"}},
        {
            "clock": {
                "date": "2024-02-29",
                "opens_at": "07:00",
                "tick_seconds": 60,
                "timezone": "Europe/Zurich",
            }
        },
        {"currency": {"code": "JPY", "minor_digits": 0}},
    ]
    sessions = open_on_sqlite()
    beside = [Simulation(busy(**changes)) for changes in configs]
    ids = [done(sessions.create(simulation.config)) for simulation in beside]
    for one, simulation in zip(ids, beside, strict=True):
        simulation.ticks(30)
        done(sessions.execute(one, Tick(30)))
    sessions.close()
    again = open_on_sqlite()
    for one, simulation in zip(ids, beside, strict=True):
        found = done(again.read(one, lambda live: (live.simulation.state_hash, live.simulation.config)))
        assert found == (simulation.state_hash, simulation.config)


def test_agents_may_have_names_of_any_script(open_on_sqlite: Open) -> None:
    config = quiet()
    names = ("Zürcher 💶", "銀行", "a\"b'\\%s")
    config["agents"] = [{"id": name, "opening_balance": 100, "policy": {"type": "Fifo"}} for name in names]
    sessions = open_on_sqlite()
    one = done(sessions.create(SimulationConfig.from_dict(config)))
    command = Submit(names[0], names[1], 7)
    given = done(sessions.execute(one, command, request("k")))
    sessions.close()
    assert done(open_on_sqlite().execute(one, command, request("k"))) == given
