"""What many ask at once is read once."""

import asyncio

import pytest

from cloud.shared_reading import KEPT, SharedReading

pytestmark = pytest.mark.asyncio


class Book:
    def __init__(self) -> None:
        self.read, self.fails = 0, False

    async def page(self) -> int:
        self.read += 1
        number = self.read
        await asyncio.sleep(0.01)
        if self.fails:
            raise OSError("torn")
        return number


async def test_all_who_ask_get_the_one_reading() -> None:
    book, shared = Book(), SharedReading[int]()
    assert await asyncio.gather(*(shared.get("p", book.page) for _ in range(100))) == [1] * 100
    assert await shared.get("p", book.page) == 1
    assert await shared.get("q", book.page) == 2


async def test_a_failure_is_read_again_by_the_next() -> None:
    book, shared = Book(), SharedReading[int]()
    book.fails = True
    failed = await asyncio.gather(*(shared.get("p", book.page) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in failed] == [OSError] * 3
    book.fails = False
    assert await shared.get("p", book.page) == 2


async def test_one_who_is_cancelled_takes_nothing_from_the_others() -> None:
    book, shared = Book(), SharedReading[int]()
    first, second = (asyncio.create_task(shared.get("p", book.page)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 1


async def test_little_is_kept() -> None:
    book, shared = Book(), SharedReading[int]()
    for number in range(KEPT + 1):
        await shared.get(number, book.page)
    assert await shared.get(KEPT, book.page) == KEPT + 1
    assert await shared.get(0, book.page) == KEPT + 2
