// Keys of the inbox, beside those of the conversation: g and a letter goes to a view.

import { byId } from "./dom.js";

const GO = { w: "waiting", m: "mine", o: "open", s: "snoozed", r: "resolved", i: "mentions" };
const GO_MS = 1_500;
const ABOUT = { s: "snooze", w: "wake", l: "tag", m: "merge" };
const MANY = { s: "snooze", l: "tag", e: "resolve", c: "assign" };

/** Returns pressed(key), true where the key meant something. desk: { view, filters, … } */
export function inboxKeys({ view, filters, selection, about, opened }) {
  let goingAt = 0;

  return (key) => {
    const going = Date.now() - goingAt < GO_MS;
    goingAt = 0;
    if (going && key in GO && byId("views").querySelector(`[data-view="${GO[key]}"]`)) {
      view.choose(GO[key]);
    } else if (key === "g") goingAt = Date.now();
    else if (key === "/") filters.focusSearch();
    else if (key === "u") filters.nextPriority();
    else if (key === "a") selection.toggleAll();
    else if (key === "v" && opened.id) selection.toggle(opened.id);
    else if (selection.size && key in MANY) selection.run(MANY[key]);
    else if (opened.id && key in ABOUT) about.run(ABOUT[key]);
    else return false;
    return true;
  };
}
