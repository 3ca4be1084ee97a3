// What the server gave the page: words, limits, and its clock.

const config = JSON.parse(document.getElementById("desk-config").textContent);
const skewMs = Date.now() - Date.parse(config.now);

export const { slug, workspace, language, maxText } = config;
export const { csrf, channels, languages, members } = config;

export function t(key, values = {}) {
  return config.texts[key].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function has(key) {
  return key in config.texts;
}

/** The words for a reason; one that is not known is shown as it is. */
export function reason(code) {
  return config.reasons[code] ?? code;
}

export function percent(value) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value);
}

export function dollars(value) {
  const options = { style: "currency", currency: "USD", maximumFractionDigits: 4 };
  return new Intl.NumberFormat(language, options).format(value);
}

export function decimals(value, digits) {
  return new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
}

export function clock(iso) {
  const time = new Date(iso);
  const today = time.toDateString() === new Date().toDateString();
  const options = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat(language, options).format(time);
}

/** How long ago by the server's clock, as "3 min" or "< 1 min". */
export function waited(iso) {
  const minutes = Math.floor((Date.now() - skewMs - Date.parse(iso)) / 60_000);
  if (minutes < 1) return `< ${amount(1, "minute")}`;
  if (minutes < 60) return amount(minutes, "minute");
  if (minutes < 60 * 24) return amount(Math.floor(minutes / 60), "hour");
  return amount(Math.floor(minutes / (60 * 24)), "day");
}

/** Minutes until a time by the server's clock, rounded away from now; negative once it is past. */
export function minutesUntil(iso) {
  const minutes = (Date.parse(iso) - (Date.now() - skewMs)) / 60_000;
  return minutes > 0 ? Math.ceil(minutes) : Math.floor(minutes);
}

/** A number of minutes in words, as "3 min" or "2 hr". */
export function span(minutes) {
  if (minutes < 60) return amount(minutes, "minute");
  if (minutes < 60 * 24) return amount(Math.floor(minutes / 60), "hour");
  return amount(Math.floor(minutes / (60 * 24)), "day");
}

function amount(value, unit) {
  const options = { style: "unit", unit, unitDisplay: "short" };
  return new Intl.NumberFormat(language, options).format(value);
}

export function contactName(conversation) {
  return conversation.contact.name || t("visitor", { id: conversation.contact.id.slice(-4) });
}
