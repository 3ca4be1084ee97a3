// Keys. Single keys can be switched off (WCAG 2.1.4), and none acts while somebody writes.

import { byId } from "./dom.js";

const STORED = "firstline-desk-keys";
const WRITING = "input:not([type=radio], [type=checkbox]), textarea, select";
const HELD = ["j", "k"];
const ACTIONS = { c: "claim", t: "take_over", b: "give_back", x: "release", e: "resolve" };

/** desk: { actions, composer, pane, step(by), more(key) }; `more` has the keys of the inbox. */
export function listen(desk) {
  const help = byId("help");
  const on = byId("keys-on");
  on.checked = stored() !== "off";
  on.addEventListener("change", () => store(on.checked ? "on" : "off"));
  byId("help-open").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest(WRITING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = keyOf(event);
    if (event.repeat && !HELD.includes(key)) return; // who holds a key down decides once
    if (on.checked && pressed(key, desk)) event.preventDefault();
  });
}

/** The letter; on another alphabet, the one that is printed in the same place. */
function keyOf(event) {
  const key = event.key.toLowerCase();
  if (/^[a-z?/]$/.test(key)) return key;
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : key;
}

function pressed(key, { actions, composer, pane, step, more }) {
  if (more(key)) return true;
  if (key === "?") byId("help").showModal();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (byId("opened").hidden) return false;
  else if (key === "p") pane.toggle();
  else if (key === "q") pane.lookUp.focus();
  else if (key === "r") composer.focus("reply");
  else if (key === "n") composer.focus("note");
  else if (key in ACTIONS) actions.run(ACTIONS[key]);
  else return false;
  return true;
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // no storage here: the choice lasts as long as the page
  }
}

function store(value) {
  try {
    localStorage.setItem(STORED, value);
  } catch {
    // as above
  }
}
