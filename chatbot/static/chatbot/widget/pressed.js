// What is pressed below a message. The options of a clarifying question, or of one about consent, can
// be pressed until the visitor says something or somebody else has the conversation; then they can
// be read. What the visitor thinks of an answer, helped or wrong and for wrong a reason, can be
// changed later, and is shown as it was given.

import { button as makeButton, clone, setText } from "./dom.js";

// act({choose, option, label}) and act({person}) are told what was pressed.
export function quickReplies(item, act) {
  const box = clone(item.slot === "consent" ? "consent-template" : "options-template");
  const person = box.querySelector(".person"); // none where no people answer
  for (const { number, label } of item.options) {
    const button = clone("option-template");
    button.dataset.option = number;
    button.querySelector(".label").textContent = label;
    press(button, () => act({ choose: item.message_id, option: number, label }));
    if (person) person.before(button);
    else box.append(button);
  }
  if (person) press(person, () => act({ person: true }));
  return box;
}

// A button that cannot be pressed keeps the focus that it had.
function press(button, work) {
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") work();
  });
}

// choice: { open, chosen }, the number of the option or null.
export function showChoice(node, { open, chosen }) {
  const box = node.querySelector(".options");
  if (!box) return;
  box.classList.toggle("closed", !open);
  for (const button of box.querySelectorAll("button")) {
    if (open) button.removeAttribute("aria-disabled");
    else button.setAttribute("aria-disabled", "true");
    const mine = chosen !== null && button.dataset.option === String(chosen);
    button.classList.toggle("chosen", mine);
    button.querySelector(".mark")?.toggleAttribute("hidden", !mine);
  }
}

// Of all that is on the screen, in order: what became of the question at this place.
export function choiceOf(items, index, { owner, status }) {
  const said = items.slice(index + 1).filter((item) => item.author === "visitor");
  const { message_id: asked } = items[index]; // none while it waits to be sent
  const made = said.find(({ choice }) => choice && choice.message_id === asked);
  const open = !said.length && owner === "bot" && status === "open";
  return { open, chosen: made ? made.choice.option : null };
}

// act({feedback, verdict, reason}) is told what was pressed.
export function feedbackBox(item, { texts, act }) {
  const box = clone("feedback-template");
  const give = (verdict, reason = "") => act({ feedback: item.message_id, verdict, reason });
  for (const button of box.querySelectorAll("[data-verdict]")) {
    button.addEventListener("click", () => give(button.dataset.verdict));
  }
  const chips = box.querySelector(".chips");
  for (const words of texts.wrong_reasons) {
    const chip = makeButton(words, "", () => give("wrong", words));
    chip.dataset.reason = words;
    chips.append(chip);
  }
  const form = box.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = form.elements.reason.value.trim();
    if (words) give("wrong", words);
  });
  return box;
}

// given: { verdict, reason } or nothing.
export function showFeedback(box, given, texts) {
  const { verdict, reason } = given ?? {};
  for (const button of box.querySelectorAll("[data-verdict]")) {
    button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
  }
  box.querySelector(".reasons").hidden = verdict !== "wrong";
  let chosen = false;
  for (const chip of box.querySelectorAll("[data-reason]")) {
    const mine = verdict === "wrong" && chip.dataset.reason === reason;
    chip.setAttribute("aria-pressed", String(mine));
    chosen ||= mine;
  }
  const field = box.querySelector("form").elements.reason;
  if (box.dataset.shown !== (reason ?? "")) {
    box.dataset.shown = reason ?? "";
    field.value = chosen ? "" : (reason ?? "");
  }
  const words = { helped: texts.helped_thanks, wrong: reason ? texts.reason_thanks : texts.wrong_sorry };
  setText(box.querySelector(".thanks"), words[verdict] ?? "");
}
