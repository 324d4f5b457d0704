// Sounds a clerk tells apart without looking: taken, refused, a question, done, stop.
"use strict";

let audio;
function unlockSound() {
  audio ??= new AudioContext();
  audio.resume();
  const hint = $("#sound-hint");
  if (hint) hint.hidden = true;
}
document.addEventListener("pointerdown", unlockSound);
document.addEventListener("keydown", () => setTimeout(unlockSound, 300), { once: true });  // not in the midst of a scan

// Pitch in Hz, seconds, shape of the wave.
const SOUNDS = {
  good: [[1320, 0.09, "sine"], [1760, 0.12, "sine"]],
  bad: [[196, 0.28, "square"], [165, 0.38, "square"]],
  ask: [[880, 0.12, "triangle"], [880, 0.12, "triangle"], [1175, 0.2, "triangle"]],
  done: [[1047, 0.1, "sine"], [1319, 0.1, "sine"], [1568, 0.1, "sine"], [2093, 0.3, "sine"]],
  stop: [[440, 0.16, "sawtooth"], [220, 0.16, "sawtooth"], [440, 0.16, "sawtooth"], [220, 0.4, "sawtooth"]],
};

function sound(name) {
  if (!audio || audio.state !== "running") return;
  let at = audio.currentTime;
  for (const [pitch, seconds, shape] of SOUNDS[name]) {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.type = shape;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.25, at);
    volume.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.03;
  }
}
