"""The voice of a Windows computer: SAPI, where a Chinese voice is installed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pythoncom
import pywintypes
import win32com.client
from win32com.client.dynamic import CDispatch

from drivers.errors import CannotSpeak
from drivers.sound import pcm
from drivers.sound.pcm import Pcm

_CHINESE = "Language=804"
_FORMAT, _RATE = 22, 22_050
"""SAFT22kHz16BitMono."""


class SystemSpeech:
    def __init__(self) -> None:
        """Raises CannotSpeak where there is no Chinese voice."""
        with _com():
            self._name = str(_voice().Voice.GetDescription())

    @property
    def name(self) -> str:
        return self._name

    def say(self, words: Sequence[str]) -> Pcm:
        with _com():
            stream = win32com.client.Dispatch("SAPI.SpMemoryStream")
            stream.Format.Type = _FORMAT
            voice = _voice()
            voice.AudioOutputStream = stream
            voice.Speak("".join(words))
            return Pcm(_RATE, pcm.from_bytes(bytes(stream.GetData())))


def _voice() -> CDispatch:
    voice = win32com.client.Dispatch("SAPI.SpVoice")
    chinese = voice.GetVoices(_CHINESE)
    if chinese.Count == 0:
        raise CannotSpeak("Windows has no Chinese voice", hint="Add Chinese speech in Windows' language settings.")
    voice.Voice = chinese.Item(0)
    return voice


@contextmanager
def _com() -> Iterator[None]:
    """COM belongs to a thread, and whoever speaks may come from any."""
    pythoncom.CoInitialize()
    try:
        yield
    except (pywintypes.com_error, AttributeError) as error:  # the latter for what this SAPI does not have
        raise CannotSpeak(f"Windows does not speak: {error}") from error
    finally:
        pythoncom.CoUninitialize()
