// Scanners that type like a keyboard. Which keys were a scan is told by their rhythm and by what they say; what was typed is
// read off the keys' places, so that an input method, CapsLock or a layout changes nothing (docs/scanning.md).
"use strict";

// ---- which character a key stands for on the US layout that scanners are set to: [alone, with Shift]

const KEY_TEXT = (() => {
  const keys = { Space: "  ", Backquote: "`~", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
    IntlBackslash: "\\|", Semicolon: ";:", Quote: "'\"", Comma: ",<", Period: ".>", Slash: "/?" };
  for (const letter of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") keys[`Key${letter}`] = letter.toLowerCase() + letter;
  [...")!@#$%^&*("].forEach((sign, digit) => (keys[`Digit${digit}`] = digit + sign));
  for (let digit = 0; digit < 10; digit++) keys[`Numpad${digit}`] = `${digit}${digit}`;
  for (const [name, sign] of Object.entries({ Decimal: ".", Add: "+", Subtract: "-", Multiply: "*", Divide: "/" })) keys[`Numpad${name}`] = sign + sign;
  return keys;
})();

// ---- the state machine: fed with key events in order, by their own times; touches no document

class Wedge {
  static GS = "\x1d";
  static SPLIT = 280;      // ms: a longer gap ends what came before; a loaded PC holds a key back for half of that
  static PATIENCE = 1000;  // ms: the same within a scan of a scanner that is known to end its scans with a key
  static TRAIL = 200;      // ms after a scan in which a second ending (the LF of CRLF) belongs to it
  static MEAN = 65;        // ms between keys, on the average: scanners take 1 to 60, hands 90 and more
  static SLOWEST = 80;     // ms: a tenth of the gaps and one may be longer, and one more in a code of a known form (hiccups)
  static MEAN_IF_EVEN = 110;
  static SHORTEST = 8;     // characters: the smallest retail barcode; our own codes are known by their form

  // What was learnt of the scanners here: `rhythm`, ms between the keys of the slowest that kept time like a machine;
  // `endings`, how many scans in a row were ended by a key.
  constructor({ rhythm = 0, endings = 0 } = {}) {
    this.rhythm = rhythm;
    this.endings = endings;
    this.endedAt = -Infinity;
    this.clear();
  }

  clear() {
    this.text = "";
    this.gaps = [];
    this.lastAt = null;
    this.number = "";      // digits typed on the number pad while Alt is held
    this.turned = false;   // the scanner itself pressed CapsLock
    this.spoilt = false;
  }

  get open() { return this.lastAt !== null; }

  // Whether what is under way already has the rhythm of a scanner; then its keys must do nothing else.
  get fast() { return this.text.length >= 3 && !this.spoilt && this.gapsFit(); }

  get endsByKey() { return this.endings >= 2; }
  get patience() { return this.endsByKey && this.fast ? Wedge.PATIENCE : Wedge.SPLIT; }

  // → { scans: what was read before this key and with it, hold: whether the key must have no other effect }
  press(event) {
    const before = this.rest(event.timeStamp), { scans, hold } = this.take(event);
    return { scans: [...before, ...scans], hold };
  }

  // Nothing came for a while: a scanner without an ending is done.
  rest(now) {
    return this.open && now - this.lastAt > this.patience ? this.close(false) : [];
  }

  release(event) {
    if (event.code.startsWith("Alt")) this.endNumber();
  }

  take(event) {
    if (!event.code.startsWith("Numpad") || !event.altKey) this.endNumber();
    if (this.isEnding(event)) return this.end(event.timeStamp);
    this.note(event);
    const held = this.fast && (event.ctrlKey || event.altKey || event.code === "F8" || event.code === "Space");
    if (event.altKey && /^Numpad\d$/.test(event.code)) this.number += event.code.at(-1);
    else this.add(event);
    return { scans: [], hold: held };
  }

  note(event) {
    if (this.open) this.gaps.push(event.timeStamp - this.lastAt);
    this.lastAt = event.timeStamp;
    if (event.repeat) this.spoil();  // a finger that rests on a key
  }

  isEnding({ code, ctrlKey, altKey, metaKey }) {
    if (ctrlKey) return this.open && (code === "KeyM" || code === "KeyJ");
    return !altKey && !metaKey && (code === "Enter" || code === "NumpadEnter" || code === "Tab" || (code === "ArrowDown" && !this.text));
  }

  end(at) {
    if (!this.text && !this.number) {
      this.clear();
      return { scans: [], hold: at - this.endedAt < Wedge.TRAIL };
    }
    this.gaps.push(at - this.lastAt);
    const scans = this.close(true);
    if (scans.length) this.endedAt = at;
    return { scans, hold: scans.length > 0 };
  }

  add(event) {
    const { code, ctrlKey, metaKey } = event, pair = KEY_TEXT[code];
    if (code === "F8" || (ctrlKey && code === "BracketRight")) { if (this.text) this.text += Wedge.GS; }
    else if (ctrlKey && event.altKey) return;  // AltGr
    else if (metaKey || (ctrlKey && pair)) this.spoil();
    else if (code === "CapsLock") this.turned = !this.turned;
    else if (pair) this.text += pair[this.isShifted(event, pair) ? 1 : 0];
    else if (!code && event.key?.length === 1) this.text += event.key;
    else if (!/^(Shift|Control|Alt|NumLock)/.test(code)) this.spoil();
  }

  // A key that no scanner presses: what is under way is no scan; what follows may be one.
  spoil() {
    if (this.text) this.spoilt = true; else this.clear();
  }

  // CapsLock does not count; a key that names its shifted character without Shift is one that a program pressed.
  isShifted({ code, key, shiftKey, capsLock }, pair) {
    const letter = code.startsWith("Key");
    return (shiftKey || (key === pair[1] && !(letter && capsLock))) !== (letter && this.turned);
  }

  endNumber() {
    const number = Number(this.number);
    if (this.number && number < 256) this.text += String.fromCharCode(number);
    this.number = "";
  }

  // A scanner that ends its scans with a key, and this time did not, was cut off: a lot without its last character looks
  // like a lot. Where its settings were changed, this costs one scan.
  close(isEnded) {
    this.endNumber();
    const text = this.text.replace(/[\r\n\t]+$/, ""), isScan = this.isScan(text), isCut = !isEnded && this.endsByKey;
    if (isScan) this.learn(isEnded);
    this.clear();
    return isScan && !isCut ? [text] : [];
  }

  isScan(text) {
    return !this.spoilt && Wedge.isCode(text) && this.gapsFit(Wedge.isKnown(text) ? 2 : 1);
  }

  // ---- the rhythm

  // What a busy computer held back does not count.
  usualGaps(spare) {
    const ranked = [...this.gaps].sort((one, other) => one - other), hiccups = spare + Math.floor(ranked.length / 10);
    return ranked.slice(0, Math.max(ranked.length - hiccups, Math.ceil(ranked.length / 2)));
  }

  gapsFit(spare = 1) {
    const usual = this.usualGaps(spare), mean = Wedge.mean(usual);
    if (mean <= Math.max(Wedge.MEAN, 1.1 * this.rhythm) && usual.at(-1) <= Math.max(Wedge.SLOWEST, 1.3 * this.rhythm)) return true;
    return mean <= Wedge.MEAN_IF_EVEN && Wedge.isEven(usual, mean);
  }

  // A slow scanner (Bluetooth) keeps time as no hand does; once it has shown that, it is given a little more room.
  learn(isEnded) {
    this.endings = isEnded ? this.endings + 1 : 0;
    const usual = this.usualGaps(1), mean = Wedge.mean(usual);
    if (Wedge.isEven(usual, mean)) this.rhythm = Math.max(this.rhythm, mean);
  }

  static isEven(gaps, mean) {
    return gaps.length >= 12 && Math.sqrt(Wedge.mean(gaps.map((gap) => (gap - mean) ** 2))) < 0.12 * mean;
  }

  static mean(numbers) {
    return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  }

  // ---- the content: what no code looks like is no scan, however fast it was typed

  static OWN = /^(?:Y[OB][0-9A-HJKMNP-TV-Z]{12}|YZ-[A-Z]+|Y[HT]-.+)$/i;
  static OTHER = /^(?:https?:\/\/|\]|MA\.)/i;

  static isKnown(text) {
    if (Wedge.OWN.test(text) || /^\d{20}$/.test(text)) return true;
    return /^(?:\d{8}|\d{12,13})$/.test(text) && Wedge.checkDigitHolds(text);
  }

  static checkDigitHolds(digits) {
    return [...digits].reverse().reduce((sum, digit, place) => sum + digit * (place % 2 ? 3 : 1), 0) % 10 === 0;
  }

  static isCode(text) {
    if (Wedge.OWN.test(text) || Wedge.OTHER.test(text)) return true;
    return text.length >= Wedge.SHORTEST && (text.match(/\d/g) ?? []).length >= 4;
  }
}

// ---- the document: only while this page has the focus; what a scan typed into a field is taken back, what an input method
// was composing is given up, and the key that ends it presses nothing

function listenForScans(onScan) {
  const wedge = new Wedge(JSON.parse(localStorage.getItem("wedge") ?? "{}"));
  let before = null, timer;

  const finish = (scans) => {
    const { rhythm, endings } = wedge;
    if (scans.length) localStorage.setItem("wedge", JSON.stringify({ rhythm, endings }));
    for (const text of scans) {
      if (before) takeBack(before);
      onScan(text);
    }
  };
  const rest = () => {
    if (navigator.scheduling?.isInputPending?.()) timer = setTimeout(rest, 30);  // keys wait behind a busy page
    else finish(wedge.rest(performance.now()));
  };

  document.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || !document.hasFocus()) return;  // filling in a form sends events without a key
    const { code, key, shiftKey, ctrlKey, altKey, metaKey, repeat, timeStamp } = event;
    const capsLock = event.getModifierState("CapsLock");
    const { scans, hold } = wedge.press({ code, key, shiftKey, ctrlKey, altKey, metaKey, repeat, timeStamp, capsLock });
    if (hold) { event.preventDefault(); event.stopImmediatePropagation(); }
    finish(scans);
    if (wedge.open && !wedge.gaps.length) before = asItStands(document.activeElement);
    if (before) before.isComposing ||= event.isComposing || event.keyCode === 229;
    clearTimeout(timer);
    if (wedge.open) timer = setTimeout(rest, wedge.patience + 20);
  }, true);
  document.addEventListener("keyup", (event) => { if (event instanceof KeyboardEvent) wedge.release(event); }, true);
}

function asItStands(field) {
  return field?.matches("input, textarea") ? { field, value: field.value, isComposing: false } : null;
}

function takeBack({ field, value, isComposing }) {
  if (!field.isConnected) return;
  if (isComposing) field.blur();  // the input method lets go of what it was composing
  const restore = () => {
    if (field.value === value) return;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  restore();
  if (isComposing) { field.focus(); setTimeout(restore); }
}
