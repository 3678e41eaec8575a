"""What all tests share."""

import signal

# Where tests run in the background of a shell, Ctrl-C is ignored, and what they start ignores it too. Tests
# that send it need it heard; a handler of our own is reset to the default in what is started.
signal.signal(signal.SIGINT, signal.default_int_handler)
