// The button that takes back a consent. It is there as long as the conversation's events say that
// one was given: the newest word counts.

const AGREES = 1;

function isGranted(items) {
  const last = items.findLast((item) => item.slot === "withdrawn" || answered(item, items));
  return Boolean(last) && last.choice?.option === AGREES;
}

function answered(item, items) {
  const asked = item.choice && items.find((one) => one.message_id === item.choice.message_id);
  return Boolean(asked) && asked.slot === "consent";
}

export class Withdraw {
  constructor({ send }) {
    this.button = document.getElementById("withdraw");
    this.button.addEventListener("click", send);
  }

  render({ items }) {
    this.button.hidden = !isGranted(items);
  }
}
