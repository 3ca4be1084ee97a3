// The options of a clarifying question, or of one about consent, as buttons. They can be pressed
// until the visitor says something or somebody else has the conversation; then they can be read.

import { clone } from "./clone.js";

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
