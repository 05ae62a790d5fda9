"""Functions that wait, in the main thread, in others, and beside an event loop. The server they talk to is Python's own."""

import asyncio
import socket
import threading
import time

import waits


def serve(listener):
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"hello")
        connection.close()


listener = socket.create_server(("127.0.0.1", 0))
address = "127.0.0.1:%d" % listener.getsockname()[1]
threading.Thread(target=serve, args=[listener], daemon=True).start()

# This thread can be served only while the GIL is released.
assert waits.get(address) == "hello"

# An error of the future's is Python's.
closed = socket.create_server(("127.0.0.1", 0))
nobody = "127.0.0.1:%d" % closed.getsockname()[1]
closed.close()
try:
    waits.get(nobody)
except ConnectionRefusedError:
    pass
else:
    raise AssertionError("no error")

# All of them at once.
threads = [threading.Thread(target=waits.pause, args=[1]) for _ in range(20)]
begun = time.monotonic()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert time.monotonic() - begun < 15


async def main():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticking = asyncio.create_task(tick())
    # The event loop goes on.
    await asyncio.to_thread(waits.pause, 0.5)
    assert await asyncio.to_thread(waits.get, address) == "hello"
    assert ticks > 5, ticks
    ticking.cancel()


asyncio.run(main())
print("done")
