// Replays recorded keys, by their own times, through the page's wedge, and beside it through onScan's rule.
"use strict";

// onScan.js 1.5.2: at most 30 ms a character on the average, six characters, ended by Tab or Enter or 100 ms of nothing.
class Naive {
  constructor() { this.text = ""; this.first = this.last = -Infinity; }
  press({ key, timeStamp }) {
    const scans = timeStamp - this.last > 100 ? this.close() : [];
    if (key === "Enter" || key === "Tab") return { scans: [...scans, ...this.close()] };
    if (key.length === 1) {
      if (!this.text) this.first = timeStamp;
      this.text += key;
      this.last = timeStamp;
    }
    return { scans };
  }
  rest() { return this.close(); }
  close() {
    const text = this.text, average = (this.last - this.first) / text.length;
    this.text = "";
    return text.length >= 6 && average <= 30 ? [text] : [];
  }
}

// One computer after the other, each with its recordings → what each reader took for scans, one list for each recording
function replay(computers) {
  return [Wedge, Naive].map((Reader) => computers.flatMap((recordings) => {
    const reader = new Reader();
    return recordings.map((keys) => {
      const scans = keys.flatMap((key) => reader.press(key).scans);
      return [...scans, ...reader.rest(keys.at(-1).timeStamp + 1500)];
    });
  }));
}
