// News from the agent: a stream where it comes through, otherwise asking every few seconds. One tab of the browser holds
// the stream and tells the others: a browser opens six connections to a server, and each stream takes one for good.
"use strict";

const SILENT_MS = 25000, POLL_MS = 3000;
const NEWS = {
  alive: () => lost(false),
  changed: () => refresh(),
  verdict: (told) => scanned(told, false),
  announce: (detail) => document.dispatchEvent(new CustomEvent("announce", { detail })),  // voice.js
};
const tabs = new BroadcastChannel("news");
let source, lastHeard = Date.now(), mutes = 0, polling;

function heard(name, data) {
  lastHeard = Date.now();
  mutes = 0;
  clearInterval(polling);
  polling = undefined;
  NEWS[name](JSON.parse(data));
}

function passOn(name, data) {
  heard(name, data);
  tabs.postMessage([name, data]);
}
tabs.onmessage = (event) => heard(...event.data);

function listen() {
  source = new EventSource("/api/changes");
  lastHeard = Date.now();
  for (const name of Object.keys(NEWS)) source.addEventListener(name, (event) => passOn(name, event.data));
  source.onopen = () => passOn("changed", "{}");  // whatever happened meanwhile
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
    lost(true);
    refresh();
  };
}

setInterval(() => {
  if (Date.now() - lastHeard < SILENT_MS) return;
  lastHeard = Date.now();
  mutes += 1;
  if (mutes >= 2 && polling === undefined) polling = setInterval(refresh, POLL_MS);
  if (!source) return;
  source.close();
  listen();
}, 5000);

if (navigator.locks) {
  navigator.locks.request("news", () => { listen(); return new Promise(() => {}); });  // until this tab goes
  setTimeout(() => { if (!source) refresh(); }, 1000);
} else {
  listen();
}
