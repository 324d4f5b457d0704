from drivers.scanners.speeds import SPEEDS, SpeedFinder

NOISE = b"\x80\x00\xff\xe6\x98"


def test_each_noise_is_one_guess_less() -> None:
    finder = SpeedFinder()
    tried = []
    for _ in SPEEDS:
        tried.append(finder.speed)
        assert not finder.read(NOISE)
    assert tuple(tried) == SPEEDS and finder.speed == SPEEDS[0] and finder.guesses == len(SPEEDS)


def test_the_first_code_is_a_scan_and_ends_the_search() -> None:
    finder = SpeedFinder()
    finder.read(NOISE)
    assert finder.read(b"81234567890123456789\r\n") and finder.found and finder.guesses == 0


def test_once_found_all_is_a_scan() -> None:
    """Chinese in a QR code, in UTF-8 or GBK, is no noise, however often it comes."""
    finder = SpeedFinder(115200)
    for text in ("阿莫西林胶囊".encode(), "阿莫西林胶囊".encode("gbk"), b"]d2010690\x1d10LOT\r") * 4:
        assert finder.read(text) and finder.found
    assert finder.speed == 115200


def test_noise_again_and_again_means_that_its_speed_was_changed() -> None:
    finder = SpeedFinder(115200)
    assert finder.read(NOISE) and finder.read(b"81234567890123456789\r")
    assert [finder.read(NOISE), finder.read(NOISE), finder.speed] == [True, True, 115200]
    assert [finder.read(NOISE), finder.found, finder.speed, finder.guesses] == [True, False, 19200, 1]


def test_an_unusual_speed_is_tried_too() -> None:
    finder = SpeedFinder(14400)
    assert finder.found and finder.speed == 14400
    for _ in range(3):
        finder.read(NOISE)
    assert finder.speed == SPEEDS[0]
