"""Speed and memory, each beside its yardstick in the same run: `make bench` writes `results.md`."""
