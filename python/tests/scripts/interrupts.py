"""Signals while a function waits. Each wait would last for an hour."""

import os
import signal
import threading
import time

import waits

ticks = 0


def tick():
    global ticks
    while True:
        ticks += 1
        time.sleep(0.01)


def send_soon(number):
    def send():
        global ticks, sent
        time.sleep(0.3)
        assert ticks > 3, "the other threads stand still"
        sent = time.monotonic()
        os.kill(os.getpid(), number)

    threading.Thread(target=send, daemon=True).start()


threading.Thread(target=tick, daemon=True).start()

# Ctrl-C.
# A process that a shell has started in the background ignores it, and Python leaves that as it is.
signal.signal(signal.SIGINT, signal.default_int_handler)
send_soon(signal.SIGINT)
try:
    waits.pause(3600)
    raise AssertionError("not interrupted")
except KeyboardInterrupt:
    print("interrupted after %.3f s" % (time.monotonic() - sent))

# And again, with the handler of an application.
class Stop(Exception):
    pass


def stop(number, frame):
    raise Stop(number)


signal.signal(signal.SIGTERM, stop)
send_soon(signal.SIGTERM)
try:
    waits.pause(3600)
    raise AssertionError("not interrupted")
except Stop as exception:
    assert exception.args == (signal.SIGTERM,)

# A handler that raises nothing interrupts nothing. It may wait itself.
handled = []


def handle(number, frame):
    waits.pause(0.01)
    handled.append(number)


signal.signal(signal.SIGUSR1, handle)
send_soon(signal.SIGUSR1)
waits.pause(1)
assert handled == [signal.SIGUSR1]
print("done")
