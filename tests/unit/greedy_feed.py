"""The process of ``assistant.sources.feed_process`` with a reader that asks for more memory than there is to be had."""
from assistant.sources import download, feed_process


def _greedy(*_: object) -> None:
    bytearray(2 * feed_process._MEMORY)


if __name__ == "__main__":
    download.download = _greedy
    feed_process.main()
