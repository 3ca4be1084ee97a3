// What the server and the tag say. The words of every language are in the script.
const STYLES = "@styles@";
const LABELS = "@labels@";
const site = "@site@"; // of a loader for one widget, else null
const script = document.currentScript;
const key = site ? site.key : script?.dataset.key;
const base = script ? new URL(script.src).origin : "";
const language = (
  script?.dataset.language || document.documentElement.lang || navigator.language || "en"
).toLowerCase();
const labels = LABELS[language] || LABELS[language.split("-")[0]] || LABELS.en;
