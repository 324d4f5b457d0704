"""Records the clips of packaged speech with espeak-ng 1.51: `python -m installer.recording.clips`.

Each word is spoken from its numbered pinyin, brought to 16 kHz (sox), cut to its sound, and made as loud as the
others. espeak-ng is GPL-3.0-or-later; it is run, not linked, and nothing of it is in the clips but the sound it made.
The clips are ours, under the licence of this program.
"""

import math
import subprocess
import sys
import tempfile
from array import array
from pathlib import Path

import drivers.speech
from drivers.sound import pcm
from drivers.sound.pcm import LOUDEST, Pcm
from drivers.speech.packaged import RATE
from drivers.speech.vocabulary import WORDS, clip

CLIPS = Path(drivers.speech.__file__).parent / "clips"
VOICE = ("-b", "1", "-v", "cmn-latn-pinyin", "-s", "190", "-a", "100")
LOUDNESS = 0.16
"""Root mean square of each clip, as a share of the loudest possible."""
_QUIET = LOUDEST // 80
_EDGE = RATE // 200


def main() -> int:
    CLIPS.mkdir(exist_ok=True)
    for old in CLIPS.glob("*.wav"):
        old.unlink()
    for word, reading in WORDS.items():
        (CLIPS / clip(word)).write_bytes(record(reading))
    files = list(CLIPS.glob("*.wav"))
    print(f"{len(files)} clips, {sum(file.stat().st_size for file in files) // 1024} KiB in {CLIPS}")
    return 0


def record(reading: str) -> bytes:
    """The clip of this numbered pinyin, as a WAV file."""
    return pcm.write(_finished(_spoken(reading)))


def _spoken(reading: str) -> Pcm:
    with tempfile.TemporaryDirectory() as folder:
        raw, even = Path(folder, "raw.wav"), Path(folder, "even.wav")
        subprocess.run(("espeak-ng", *VOICE, "-w", str(raw), reading), check=True)
        subprocess.run(("sox", "-v", "0.7", str(raw), "-r", str(RATE), "-D", str(even)), check=True)
        return pcm.read(even.read_bytes())


def _finished(spoken: Pcm) -> Pcm:
    loud = [at for at, sample in enumerate(spoken.samples) if abs(sample) > _QUIET]
    sound = spoken.samples[max(loud[0] - _EDGE, 0) : loud[-1] + _EDGE]
    factor = LOUDNESS * LOUDEST / math.sqrt(sum(sample * sample for sample in sound) / len(sound))
    last = len(sound) - 1
    return Pcm(
        RATE,
        array(
            "h",
            (_scaled(sample, factor * min(1.0, at / _EDGE, (last - at) / _EDGE)) for at, sample in enumerate(sound)),
        ),
    )


def _scaled(sample: int, factor: float) -> int:
    """Peaks bend instead of clipping."""
    return round(LOUDEST * math.tanh(sample * factor / LOUDEST))


if __name__ == "__main__":
    sys.exit(main())
