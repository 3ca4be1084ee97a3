// What the visitor thinks of an answer: helped or wrong, and for wrong a reason, chosen or typed.
// Everything can be changed later, and is shown as it was given.

import { clone } from "./clone.js";

// act({feedback, verdict, reason}) is told what was pressed.
export function feedbackBox(item, { texts, act }) {
  const box = clone("feedback-template");
  const give = (verdict, reason = "") => act({ feedback: item.message_id, verdict, reason });
  for (const button of box.querySelectorAll("[data-verdict]")) {
    button.addEventListener("click", () => give(button.dataset.verdict));
  }
  const chips = box.querySelector(".chips");
  for (const words of texts.wrong_reasons) {
    const chip = document.createElement("button");
    Object.assign(chip, { type: "button", textContent: words });
    chip.dataset.reason = words;
    chip.addEventListener("click", () => give("wrong", words));
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
  const thanks = box.querySelector(".thanks");
  const said = words[verdict] ?? "";
  if (thanks.textContent !== said) thanks.textContent = said;
}
