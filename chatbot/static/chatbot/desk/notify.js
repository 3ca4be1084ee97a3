// Notices of the browser and a sound, for what comes for this agent while they look elsewhere. Off
// until they are wanted, and kept in this browser.

import { t } from "./config.js";
import { byId } from "./dom.js";

const STORED = { notify: "firstline-desk-notify", sound: "firstline-desk-sound" };

export function listenToSwitches() {
  const [notify, sound] = [byId("notify-on"), byId("sound-on")];
  notify.checked = stored("notify") && allowed();
  sound.checked = stored("sound");
  sound.addEventListener("change", () => {
    store("sound", sound.checked);
    if (sound.checked) ring();
  });
  notify.addEventListener("change", async () => {
    byId("notify-problem").textContent = "";
    if (notify.checked && (await permission()) !== "granted") {
      notify.checked = false;
      byId("notify-problem").textContent = t("notify_refused");
    }
    store("notify", notify.checked);
  });
}

/** Something for this agent has come. `open()` is called when they press the notice. */
export function tellMe(words, open) {
  if (byId("sound-on").checked) ring();
  if (!byId("notify-on").checked || !allowed() || document.hasFocus()) return;
  const shown = made(words);
  shown?.addEventListener("click", () => {
    window.focus();
    shown.close();
    open();
  });
}

/** Null on phones, whose browsers leave notices to service workers: there the sound must do. */
function made(words) {
  try {
    return new Notification(t("desk"), { body: words, tag: words });
  } catch {
    return null;
  }
}

function allowed() {
  return "Notification" in window && Notification.permission === "granted";
}

async function permission() {
  return "Notification" in window ? Notification.requestPermission() : "denied";
}

/** Two short tones, made here: no file is fetched. */
function ring() {
  try {
    const audio = new AudioContext();
    const volume = new GainNode(audio, { gain: 0.08 });
    volume.connect(audio.destination);
    [660, 880].forEach((frequency, at) => {
      const tone = new OscillatorNode(audio, { frequency });
      tone.connect(volume);
      tone.start(audio.currentTime + at * 0.14);
      tone.stop(audio.currentTime + at * 0.14 + 0.12);
    });
    setTimeout(() => audio.close(), 1_000);
  } catch {
    // a browser without sound: the notice is there still
  }
}

function stored(name) {
  try {
    return localStorage.getItem(STORED[name]) === "on";
  } catch {
    return false; // no storage here: the choice lasts as long as the page
  }
}

function store(name, on) {
  try {
    localStorage.setItem(STORED[name], on ? "on" : "off");
  } catch {
    // as above
  }
}
