"""`payment-sim shell`: stepping through a simulation, here or on a service, like a debugger.

A line becomes a command (`parser`, `commands`), which the `interpreter` carries out on a `target`; what it
shows is made in `views`. Lines come from a pipe (`lines`) or are typed (`terminal`).
"""
